import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import { applyPolicy, type PolicyResult } from './apply-policy.ts'
import { ItemAttributes } from './item-attributes.ts'
import type { PolicyContext } from './policy-context.ts'
import type { RankingPolicy } from './ranking-policy.ts'

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const
/** Scores 8, 7, ... 0: the middle one is 4, so standings are 1, 0.75, 0.5, 0.25, 0, -0.25, ... */
const scores = Float32Array.from(IDS, (_, i) => 8 - i)
const itemRows = Int32Array.from(IDS, (_, i) => i + 1)

function ask(
  policy: RankingPolicy,
  {
    prices = {},
    categories = {},
    isOwn,
    change = () => {},
    ...context
  }: Partial<PolicyContext> & {
    prices?: Record<string, number>
    categories?: Record<string, string[]>
    isOwn?: Uint8Array
    change?: (attributes: ItemAttributes) => void
  } = {},
): PolicyResult & { ids: string } {
  const records = IDS.map((itemId) => ({
    itemId,
    price: prices[itemId],
    categoryPath: categories[itemId],
  }))
  const attributes = new ItemAttributes(new ItemCatalog(records))
  change(attributes)
  const known = { k: 4, asOfMs: 100 * DAY_MS, attributes, ...context }
  const result = applyPolicy({ itemRows, scores, isOwn }, policy, known)
  return { ...result, ids: result.items.map(({ itemRow }) => attributes.idOf(itemRow)).join('') }
}

describe('applyPolicy', () => {
  test('without a policy it is the order of scores', () => {
    const { ids, items, relaxed, counts } = ask({})
    expect(ids).toBe('abcd')
    expect(items.map(({ relevance }) => relevance)).toEqual([1, 0.75, 0.5, 0.25])
    expect(items[1]).toEqual({
      itemRow: 2,
      position: 1,
      score: 7,
      relevance: 0.75,
      isPromoted: false,
      relaxed: [],
    })
    expect(relaxed).toEqual([])
    expect(counts).toEqual({
      candidates: 9,
      afterExclude: 9,
      afterFilter: 9,
      afterAvailability: 9,
      afterSuppression: 9,
      afterBudget: 9,
      afterMinRelevance: 9,
    })
  })

  test('never gives up what is excluded, filtered out or not to be had', () => {
    const { ids, counts, relaxed } = ask(
      { exclude: ['a', 'nothing'], filter: { field: 'price', max: 5 } },
      {
        k: 9,
        prices: { a: 1, b: 1, c: 1, d: 9, e: 5, f: 1 },
        change: (attributes) => {
          attributes.update(2, { asOfMs: 0, stock: 0 })
          attributes.update(3, { asOfMs: 0, active: false })
        },
      },
    )
    expect(ids).toBe('ef')
    expect(counts).toMatchObject({
      candidates: 9,
      afterExclude: 8,
      afterFilter: 4,
      afterAvailability: 2,
    })
    expect(relaxed).toEqual([])
  })

  test('takes a filter that is resolved, and what can be sold, from the context', () => {
    const filterFlags = Uint8Array.of(0, 1, 1, 1, 1)
    const offerable = Uint8Array.of(0, 1, 0, 1, 1, 1, 1, 1, 1, 1)
    const filter = { field: 'price', max: 1 }
    expect(ask({ filter }, { filterFlags, offerable, k: 9 }).ids).toBe('acd')
  })

  test('within 3000 means near or below 3000, not 300', () => {
    const prices = { a: 300, b: 250, c: 3100, d: 2900, e: 300, f: 1900, g: 3000, h: 1500, i: 200 }
    const { ids, relaxed, counts } = ask({ budget: { max: 3000 } }, { prices })
    // Values: d 0.25, f -0.25, g -0.5, h -0.75 + ln((1500/1800)^4) / 4 = -0.932;
    // a 1 + ln((300/1800)^4) / 4 = 1 - 1.792 = -0.792, b 0.75 - 1.974 = -1.224; c costs too much.
    expect(ids).toBe('dfga')
    expect(ask({ budget: { max: 3000 } }, { prices, k: 9 }).ids.slice(0, 6)).toBe('dfgahb')
    expect(relaxed).toEqual([])
    expect(counts.afterBudget).toBe(8)
    expect(ask({ budget: { max: 3000, shape: 'within' } }, { prices }).ids).toBe('abde')
  })

  test('a relaxed budget admits up to a fifth more and unknown prices, after all that fits', () => {
    const prices = { a: 3100, b: 9000, d: 3500, e: 3000, f: 2500 }
    const budget = { max: 3000 }
    const { ids, items, relaxed } = ask({ budget }, { prices })
    // a: 1 + ln(1 - 100 / 600) / 4 = 0.95; c without price: 0.5 + ln(0.1) / 4 = -0.08; d: 0.25 + ln(1 / 6) / 4 = -0.20.
    expect(ids).toBe('efac')
    expect(items.map((item) => item.relaxed)).toEqual([[], [], ['budget'], ['budget']])
    expect(relaxed).toEqual(['budget'])
    expect(ask({ budget, strict: true }, { prices }).ids).toBe('ef')
    expect(ask({ budget }, { prices, k: 9 }).ids).not.toContain('b')
  })

  test('demands relevance between the middle and the best candidate', () => {
    expect(ask({ minRelevance: 0.5, strict: true }).ids).toBe('abc')
    const { ids, items, relaxed, counts } = ask({ minRelevance: 0.5 })
    expect(ids).toBe('abcd')
    expect(items.map((item) => item.relaxed)).toEqual([[], [], [], ['minRelevance']])
    expect([relaxed, counts.afterMinRelevance]).toEqual([['minRelevance'], 3])
  })

  test('holds caps of categories at a level, and gives them up first', () => {
    const categories = { a: ['X', '1'], b: ['X', '2'], c: ['X', '1'], d: ['Y'], f: ['Y', '3'] }
    const one = { maxPerCategory: 1 }
    expect(ask({ diversity: one }, { categories }).ids).toBe('abde')
    expect(ask({ diversity: { ...one, categoryLevel: 1 } }, { categories }).ids).toBe('adeg')
    const { ids, relaxed, items } = ask(
      { diversity: { ...one, categoryLevel: 1 }, minRelevance: 0.25 },
      { categories },
    )
    expect(ids).toBe('adbc')
    expect(items.map((item) => item.relaxed)).toEqual([[], [], ['diversity'], ['diversity']])
    expect(relaxed).toEqual(['diversity'])
  })

  test('holds caps of brands', () => {
    const change = (attributes: ItemAttributes): void => {
      for (const row of [1, 2, 3])
        attributes.update(row, { asOfMs: 0, attributes: { brand: 'Acme' } })
    }
    expect(ask({ diversity: { maxPerBrand: 2 } }, { change }).ids).toBe('abde')
  })

  test('gives constraints up in the declared order, and names those that it had to', () => {
    const context = {
      k: 6,
      categories: { a: ['X'], b: ['X'] },
      prices: { a: 10, b: 10, c: 10, d: 11, e: 10, f: 10 },
      suppressed: Uint8Array.of(0, 0, 0, 0, 0, 0, 1),
    }
    const policy: RankingPolicy = {
      filter: { field: 'price', min: 0 },
      diversity: { maxPerCategory: 1 },
      minRelevance: 0.2,
      budget: { max: 10, shape: 'within' },
    }
    const { ids, items, relaxed } = ask(policy, context)
    expect(ids).toBe('acbed')
    expect(items.map((item) => item.relaxed)).toEqual([
      [],
      [],
      ['diversity'],
      ['minRelevance'],
      ['budget'],
    ])
    expect(relaxed).toEqual(['diversity', 'minRelevance', 'budget'])
    for (let k = 1; k <= 6; k++) {
      const shorter = ask(policy, { ...context, k })
      expect(shorter.ids).toBe('acbed'.slice(0, k))
    }
    expect(ask({ ...policy, strict: true }, context)).toMatchObject({ ids: 'ac', relaxed: [] })
  })

  test('spreads a list over unlike vectors', () => {
    const vectors = [
      [1, 0],
      [2, 0],
      [3, 0],
      [0, 1],
      [1, 1],
    ].map((v) => Float32Array.from(v))
    const vectorOf = (row: number): Float32Array | undefined => vectors[row - 1]
    expect(ask({ diversity: { strength: 0 } }, { vectorOf, k: 2 }).ids).toBe('ab')
    // b: 0.5 * 0.75 - 0.5 * 1 < d: 0.5 * 0.25 - 0.
    expect(ask({ diversity: { strength: 0.5 } }, { vectorOf, k: 2 }).ids).toBe('ad')
  })

  test('compares categories where a vector is missing or has no length', () => {
    const categories = { a: ['X', '1'], b: ['X', '1'], c: ['X', '2'], d: ['Y'] }
    const byCategory = { diversity: { strength: 0.5 } }
    // Second place: b 0.375 - 0.5, c 0.25 - 0.25, d 0.125.
    expect(ask(byCategory, { categories, k: 2 }).ids).toBe('ad')
    const vectorOf = (): Float32Array => new Float32Array(2)
    expect(ask(byCategory, { categories, k: 2, vectorOf }).ids).toBe('ad')
  })

  test('lets what was shown lately go down, half as much after each half-life', () => {
    const shown = (ageDays: number): Partial<PolicyContext> => ({
      lastShownMs: new Map([[1, (100 - ageDays) * DAY_MS]]),
    })
    // a: 1 - 0.5 = 0.5, as c: the lower row first; 1 - 0.25 after three days, as b.
    expect(ask({}, shown(0)).ids).toBe('bacd')
    expect(ask({}, shown(3)).ids).toBe('abcd')
    expect(ask({}, shown(2.9)).ids).toBe('bacd')
    expect(ask({ rotation: { halfLifeDays: 6 } }, shown(5.9)).ids).toBe('bacd')
    expect(ask({ rotation: { halfLifeDays: 6 } }, shown(6)).ids).toBe('abcd')
    expect(ask({ rotation: false }, shown(0)).ids).toBe('abcd')
  })

  test('a gift leans on what everybody buys, away from what the customer does', () => {
    const popularity = Float32Array.of(0, 1, 1, 1, 1, 1, 1, 1, 1, 100)
    const isOwn = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0)
    expect(ask({}, { popularity, isOwn }).ids).toBe('abcd')
    // i: 0.5 * -1 + 0.5 * 1 = 0 as e, but more popular; b 0.375, c 0.25, d 0.125; a 0.5 + ln(0.1) / 4 = -0.08.
    expect(ask({ gift: true }, { popularity, isOwn, k: 5 }).ids).toBe('bcdie')
    expect(ask({ gift: true }, { popularity, isOwn, k: 6 }).ids).toBe('bcdiea')
    expect(ask({ gift: true }, { isOwn: new Uint8Array(9) }).ids).toBe('abcd')
  })

  test('lifts accessories of what the customer owns, and says of what', () => {
    const owned = { ownedRow: 9, day: 42 }
    const accessoryOf = new Map([[5, owned]])
    const plain = Float32Array.of(8, 4.3, 4.2, 4.1, 4, 1, 1, 1, 1)
    const attributes = new ItemAttributes(new ItemCatalog(IDS.map((itemId) => ({ itemId }))))
    const { items } = applyPolicy(
      { itemRows, scores: plain },
      {},
      { k: 3, asOfMs: 0, attributes, accessoryOf },
    )
    // Middle 4, best 8: e is 0 + ln(1.5) / 4 = 0.101 and b is 0.3 / 4 = 0.075.
    expect(items.map(({ itemRow }) => itemRow)).toEqual([1, 5, 2])
    expect(items.map((item) => item.accessoryOf)).toEqual([undefined, owned, undefined])
  })

  test('leaves out candidates without a finite score', () => {
    const attributes = new ItemAttributes(new ItemCatalog(IDS.map((itemId) => ({ itemId }))))
    const some = Float32Array.of(Number.NaN, 3, Infinity, -Infinity, 2, 1, 0, 0, 0)
    const { items } = applyPolicy({ itemRows, scores: some }, {}, { k: 9, asOfMs: 0, attributes })
    expect(items.map(({ itemRow }) => itemRow)).toEqual([2, 5, 6, 7, 8, 9])
  })

  test('refuses columns of different lengths', () => {
    const attributes = new ItemAttributes(new ItemCatalog([{ itemId: 'a' }]))
    const uneven = { itemRows: Int32Array.of(1), scores: new Float32Array(2) }
    expect(() => applyPolicy(uneven, {}, { k: 1, asOfMs: 0, attributes })).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })
})

describe('promoted items', () => {
  test('stand at their places, once, and the others keep their order', () => {
    const promoted = [
      { itemId: 'i', slot: 4 },
      { itemId: 'b', slot: 1 },
    ]
    const { ids, items } = ask({ promoted })
    expect(ids).toBe('baci')
    expect(items.map(({ isPromoted }) => isPromoted)).toEqual([true, false, false, true])
    expect(items[3]).toMatchObject({ position: 8, score: 0, relevance: 0, relaxed: [] })
  })

  test('come last where the list is shorter than their place', () => {
    const promoted = [
      { itemId: 'h', slot: 4 },
      { itemId: 'i', slot: 3 },
    ]
    expect(ask({ promoted, minRelevance: 1, strict: true }).ids).toBe('aih')
  })

  test('need not be candidates', () => {
    const { ids, items } = ask(
      { promoted: [{ itemId: 'new', slot: 2 }] },
      { change: (attributes) => void attributes.addItem('new') },
    )
    expect(ids).toBe('anewbc')
    expect(items[1]).toMatchObject({
      itemRow: 10,
      position: -1,
      score: null,
      relevance: 0,
      isPromoted: true,
    })
  })

  test('are left out where hard constraints forbid them, with the cause', () => {
    const { ids, skippedPromotions } = ask(
      {
        exclude: ['i'],
        filter: { field: 'itemId', notIn: ['h'] },
        budget: { max: 5 },
        promoted: [
          { itemId: 'i', slot: 1 },
          { itemId: 'h', slot: 2 },
          { itemId: 'g', slot: 3 },
          { itemId: 'f', slot: 9 },
          { itemId: 'zzz', slot: 8 },
          { itemId: 'e', slot: 4 },
        ],
      },
      {
        prices: { a: 4, b: 4, c: 5, d: 5, e: 500 },
        change: (attributes) => void attributes.update(7, { asOfMs: 0, stock: 0 }),
      },
    )
    // A budget does not matter to a promoted item.
    expect(ids).toBe('abce')
    expect(skippedPromotions).toEqual([
      { itemId: 'i', cause: 'excluded' },
      { itemId: 'h', cause: 'filtered' },
      { itemId: 'g', cause: 'unavailable' },
      { itemId: 'zzz', cause: 'unknown' },
      { itemId: 'f', cause: 'beyond-list' },
    ])
  })

  test('count for the most items of a category', () => {
    const categories = { a: ['X'], b: ['X'], i: ['X'] }
    const promoted = [{ itemId: 'i', slot: 4 }]
    expect(ask({ promoted, diversity: { maxPerCategory: 1 } }, { categories }).ids).toBe('cdei')
  })
})
