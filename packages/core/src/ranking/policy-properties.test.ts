import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import { createRng, type Rng, shuffle } from '../random.ts'
import { applyPolicy, type PolicyResult } from './apply-policy.ts'
import { isWithinBudget } from './budget.ts'
import { checkPolicy } from './check-policy.ts'
import { resolveFilter } from './filter.ts'
import { ItemAttributes } from './item-attributes.ts'
import type { PolicyCandidates, PolicyContext } from './policy-context.ts'
import { type RankingPolicy, RELAXATION_ORDER } from './ranking-policy.ts'

const NUM_ITEMS = 60
const NUM_CASES = 400

interface Case {
  readonly candidates: PolicyCandidates
  readonly policy: RankingPolicy
  readonly context: PolicyContext
}

const maybe = <T>(rng: Rng, value: T): T | undefined => (rng.next() < 0.5 ? value : undefined)

function drawCase(seed: number): Case {
  const rng = createRng(seed)
  const records = Array.from({ length: NUM_ITEMS }, (_, i) => ({
    itemId: `${i + 1}`,
    price: rng.next() < 0.1 ? undefined : 1 + rng.nextInt(40),
    categoryPath: ['A', 'B', 'C']
      .slice(0, rng.nextInt(4))
      .map((name) => `${name}${rng.nextInt(2)}`),
  }))
  const attributes = new ItemAttributes(new ItemCatalog(records))
  for (let row = 1; row <= NUM_ITEMS; row++) {
    if (rng.next() < 0.1) attributes.update(row, { asOfMs: 0, stock: 0 })
    if (rng.next() < 0.8)
      attributes.update(row, { asOfMs: 0, attributes: { brand: `${rng.nextInt(4)}` } })
  }
  const rows = shuffle(
    Int32Array.from({ length: NUM_ITEMS }, (_, i) => i + 1),
    rng,
  )
  const itemRows = rows.slice(0, rng.nextInt(NUM_ITEMS))
  const vectors = Array.from({ length: NUM_ITEMS + 1 }, () =>
    maybe(
      rng,
      Float32Array.from({ length: 3 }, () => rng.nextNormal()),
    ),
  )
  const max = 5 + rng.nextInt(30)
  const policy: RankingPolicy = {
    exclude: maybe(rng, ['1', '2', '3', 'nothing']),
    filter: maybe(rng, { field: 'categoryPath', under: ['A0'] }),
    budget: maybe(rng, { max, min: maybe(rng, 3), shape: maybe(rng, 'within' as const) }),
    diversity: maybe(rng, {
      strength: rng.nextInt(5) / 4,
      maxPerCategory: 1 + rng.nextInt(3),
      categoryLevel: maybe(rng, 1 + rng.nextInt(2)),
      maxPerBrand: maybe(rng, 1 + rng.nextInt(3)),
    }),
    rotation: maybe(rng, false as const),
    gift: maybe(rng, true),
    minRelevance: maybe(rng, rng.next()),
    promoted: maybe(rng, [
      { itemId: '7', slot: 1 + rng.nextInt(3) },
      { itemId: '8', slot: 4 },
    ]),
    strict: maybe(rng, true),
  }
  checkPolicy(policy, { items: attributes })
  return {
    candidates: {
      itemRows,
      // Whole numbers, so that there are equals.
      scores: Float32Array.from(itemRows, () => rng.nextInt(30)),
      isOwn: Uint8Array.from(itemRows, () => rng.nextInt(2)),
    },
    policy,
    context: {
      k: rng.nextInt(15),
      asOfMs: 10 * DAY_MS,
      attributes,
      suppressed: Uint8Array.from({ length: NUM_ITEMS + 1 }, () => (rng.next() < 0.2 ? 1 : 0)),
      popularity: Float32Array.from({ length: NUM_ITEMS + 1 }, () => rng.nextInt(9)),
      lastShownMs: new Map([
        [5, 9 * DAY_MS],
        [6, 2 * DAY_MS],
      ]),
      vectorOf: (row) => vectors[row],
    },
  }
}

const run = ({ candidates, policy, context }: Case): PolicyResult =>
  applyPolicy(candidates, policy, context)
const rowsOf = ({ items }: PolicyResult): number[] => items.map(({ itemRow }) => itemRow)

const cases = Array.from({ length: NUM_CASES }, (_, seed) => drawCase(seed))

describe('applyPolicy of any policy', () => {
  test('returns k items at most, each once', () => {
    for (const one of cases) {
      const rows = rowsOf(run(one))
      expect(rows.length).toBeLessThanOrEqual(one.context.k)
      expect(new Set(rows).size).toBe(rows.length)
    }
  })

  test('returns nothing that is excluded, filtered out or not to be had', () => {
    for (const one of cases) {
      const { attributes } = one.context
      const { filter, exclude = [] } = one.policy
      const flags = filter === undefined ? undefined : resolveFilter(filter, attributes)
      for (const row of rowsOf(run(one))) {
        expect(attributes.offerable[row]).toBe(1)
        expect(flags?.[row] ?? 1).toBe(1)
        expect(exclude).not.toContain(attributes.idOf(row))
      }
    }
  })

  test('says of each item exactly which constraints it does not meet', () => {
    const seen = new Set<string>()
    for (const one of cases) {
      const { attributes, suppressed } = one.context
      const { diversity = {}, budget, minRelevance = 0, strict } = one.policy
      const result = run(one)
      const groups = new Map<string, number>()
      const isOver = (row: number): boolean => {
        const { maxPerCategory = Infinity, categoryLevel = 99, maxPerBrand = Infinity } = diversity
        const path = attributes.categoryPathOf(row).slice(0, categoryLevel)
        const brand = attributes.valueOf(row, 'brand')
        const keys: [string, number][] = []
        if (path.length > 0) keys.push([`category ${path.join('/')}`, maxPerCategory])
        if (brand !== undefined) keys.push([`brand ${brand}`, maxPerBrand])
        const isFull = keys.some(([key, max]) => (groups.get(key) ?? 0) >= max)
        for (const [key] of keys) groups.set(key, (groups.get(key) ?? 0) + 1)
        return isFull
      }
      const promoted = result.items.filter(({ isPromoted }) => isPromoted)
      const chosen = result.items.filter(({ isPromoted }) => !isPromoted)
      for (const { itemRow } of promoted) isOver(itemRow)
      for (const { itemRow, relaxed, relevance } of chosen) {
        const isOverCap = isOver(itemRow)
        const price = attributes.priceOf(itemRow) ?? Number.NaN
        const unmet = {
          diversity: isOverCap,
          minRelevance: relevance < minRelevance,
          budget: budget !== undefined && !isWithinBudget(budget, price),
        }
        expect(suppressed?.[itemRow]).not.toBe(1)
        expect(relaxed).toEqual(RELAXATION_ORDER.filter((constraint) => unmet[constraint]))
        for (const constraint of relaxed) seen.add(constraint)
      }
      const all = new Set(chosen.flatMap(({ relaxed }) => relaxed))
      expect(result.relaxed).toEqual(RELAXATION_ORDER.filter((constraint) => all.has(constraint)))
      if (strict === true) expect(result.relaxed).toEqual([])
    }
    expect([...seen].sort()).toEqual([...RELAXATION_ORDER].sort())
  })

  test('the strict list comes first, promoted places aside, and gives nothing up', () => {
    let numLonger = 0
    for (const one of cases) {
      const chosen = (strict: boolean): number[] =>
        run({ ...one, policy: { ...one.policy, strict } })
          .items.filter(({ isPromoted }) => !isPromoted)
          .map(({ itemRow }) => itemRow)
      const [strict, relaxed] = [chosen(true), chosen(false)]
      expect(relaxed.slice(0, strict.length)).toEqual(strict)
      if (relaxed.length > strict.length) numLonger++
    }
    expect(numLonger).toBeGreaterThan(50)
  })

  test('places promoted items exactly where the list is long enough', () => {
    let numPlaced = 0
    for (const one of cases) {
      const result = run(one)
      const skipped = new Set(result.skippedPromotions.map(({ itemId }) => itemId))
      for (const { itemId, slot } of one.policy.promoted ?? []) {
        const place = result.items.findIndex(
          ({ itemRow, isPromoted }) =>
            isPromoted && one.context.attributes.idOf(itemRow) === itemId,
        )
        expect(place >= 0).toBe(!skipped.has(itemId))
        if (place < 0) continue
        numPlaced++
        if (result.items.length === one.context.k) expect(place).toBe(slot - 1)
      }
    }
    expect(numPlaced).toBeGreaterThan(50)
  })

  test('gives the same list again, changes no argument, and does not mind the order of candidates', () => {
    cases.forEach((one, seed) => {
      const { itemRows, scores, isOwn } = one.candidates
      const before = JSON.stringify([itemRows, scores, isOwn, one.policy])
      const first = run(one)
      expect(run(one)).toEqual(first)
      expect(JSON.stringify([itemRows, scores, isOwn, one.policy])).toBe(before)
      const order = shuffle(
        Int32Array.from(itemRows, (_, i) => i),
        createRng(seed),
      )
      const shuffled = {
        itemRows: order.map((i) => itemRows[i] as number),
        scores: Float32Array.from(order, (i) => scores[i] as number),
        isOwn: Uint8Array.from(order, (i) => isOwn?.[i] as number),
      }
      const { items, counts, relaxed } = run({ ...one, candidates: shuffled })
      expect(items.map(({ position: _, ...item }) => item)).toEqual(
        first.items.map(({ position: _, ...item }) => item),
      )
      expect({ counts, relaxed }).toEqual({ counts: first.counts, relaxed: first.relaxed })
    })
  })

  test('each step of the counts leaves no more than the one before', () => {
    for (const one of cases) {
      const { counts } = run(one)
      const steps = Object.values(counts) as number[]
      expect(steps).toEqual(steps.toSorted((a, b) => b - a))
      expect(counts.candidates).toBe(one.candidates.itemRows.length)
    }
  })
})
