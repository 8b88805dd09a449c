import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import type { Dataset } from '../data/dataset.ts'
import { historyOf } from '../data/sequences.ts'
import { endsBefore } from '../data/split-by-time.ts'
import { createRng } from '../random.ts'
import { buildDataset } from '../testing.ts'
import { type CandidateFinder, createCandidateFinder } from './candidates.ts'
import { describeCustomer } from './customer.ts'
import { ITEM_FEATURES } from './features/item-features.ts'
import { PAIR_FEATURES } from './features/pair-features.ts'
import { USER_FEATURES } from './features/user-features.ts'
import { createNeighborSignals } from './neighbor-signals.ts'
import { createReplay, LifecycleState } from './state.ts'

const NUM_ITEMS = 30
const CUT = 150

/** Sixty users who visit at random and buy a few items each time, some of them again and again. */
function randomDataset(after?: (userRow: number) => [number, number][]): Dataset {
  const rng = createRng(5)
  const users = Array.from({ length: 60 }, (_, u) => {
    const events: [number, number][] = []
    for (let day = rng.nextInt(30); day < CUT; day += 1 + rng.nextInt(25)) {
      const size = 1 + rng.nextInt(4)
      for (let n = 0; n < size; n++)
        events.push([1 + ((u + rng.nextInt(1 + rng.nextInt(NUM_ITEMS))) % NUM_ITEMS), day + n / 8])
    }
    return [...events, ...(after?.(u) ?? [])]
  })
  return buildDataset(users, { numItems: NUM_ITEMS })
}

function finderAt(dataset: Dataset, asOfDay: number): CandidateFinder {
  const state = new LifecycleState({ numItems: NUM_ITEMS, horizonDays: 28 })
  createReplay(state, dataset.sequences).until(asOfDay)
  return createCandidateFinder(state, createNeighborSignals(state.population))
}

/** Features of all items for every user who is known at a day. */
function featuresAt(dataset: Dataset, finder: CandidateFinder, asOfDay: number): Float32Array[] {
  const ends = endsBefore(dataset.sequences, asOfDay * DAY_MS)
  const all = Int32Array.from({ length: NUM_ITEMS }, (_, i) => i + 1)
  return Array.from(ends, (end, u) =>
    finder.describe(describeCustomer(historyOf(dataset.sequences, u, end, asOfDay * DAY_MS)), all),
  )
}

describe('LifecycleState', () => {
  test('features after a stream of events equal features built offline at that time', () => {
    const dataset = randomDataset()
    const state = new LifecycleState({ numItems: NUM_ITEMS, horizonDays: 28 })
    const finder = createCandidateFinder(state, createNeighborSignals(state.population))
    const { sequences } = dataset
    createReplay(state, sequences).until(100)
    // A question in between must leave no trace.
    featuresAt(dataset, finder, 100)
    const stream = Array.from(sequences.itemRows, (itemRow, e) => ({
      userRow: sequences.offsets.findLastIndex((offset) => offset <= e),
      itemRow,
      day: Math.floor((sequences.timestampMs[e] as number) / DAY_MS),
      price: Number.NaN,
    }))
      .filter(({ day }) => day >= 100 && day < CUT)
      .sort((a, b) => a.day - b.day)
    expect(stream.length).toBeGreaterThan(200)
    for (const purchase of stream) state.add(purchase)
    expect(featuresAt(dataset, finder, CUT)).toEqual(
      featuresAt(dataset, finderAt(dataset, CUT), CUT),
    )
  })

  test('nothing that happens from the cut on changes a feature or a candidate', () => {
    const known = randomDataset()
    const poisoned = randomDataset((u) =>
      Array.from({ length: 20 }, (_, n) => [1 + ((u * n) % NUM_ITEMS), CUT + n]),
    )
    const [before, after] = [finderAt(known, CUT), finderAt(poisoned, CUT)]
    expect(featuresAt(poisoned, after, CUT)).toEqual(featuresAt(known, before, CUT))
    const customerOf = (dataset: Dataset) => {
      const end = endsBefore(dataset.sequences, CUT * DAY_MS)[7] as number
      return describeCustomer(historyOf(dataset.sequences, 7, end, CUT * DAY_MS))
    }
    expect(after.sources(customerOf(poisoned))).toEqual(before.sources(customerOf(known)))
    // The same events do change them once their day is past.
    expect(featuresAt(poisoned, finderAt(poisoned, CUT + 20), CUT + 20)).not.toEqual(
      featuresAt(known, finderAt(known, CUT + 20), CUT + 20),
    )
  })

  test('a second purchase of an item on one day changes nothing', () => {
    const once = buildDataset(
      [
        [
          [1, 0],
          [2, 3],
        ],
        [[1, 1]],
      ],
      { numItems: NUM_ITEMS },
    )
    const twice = buildDataset(
      [
        [
          [1, 0],
          [1, 0.5],
          [2, 3],
        ],
        [
          [1, 1],
          [1, 1.2],
        ],
      ],
      {
        numItems: NUM_ITEMS,
      },
    )
    const itemOf = (dataset: Dataset): object => {
      const state = new LifecycleState({ numItems: NUM_ITEMS, horizonDays: 28 })
      createReplay(state, dataset.sequences).until(10)
      return state.items.facts(1, 10)
    }
    expect(itemOf(twice)).toEqual(itemOf(once))
  })
})

describe('createCandidateFinder', () => {
  const dataset = randomDataset()
  const ends = endsBefore(dataset.sequences, CUT * DAY_MS)
  const customer = describeCustomer(
    historyOf(dataset.sequences, 3, ends[3] as number, CUT * DAY_MS),
  )

  test('unites the items of all sources, the own first, each once', () => {
    const finder = finderAt(dataset, CUT)
    const { itemRows, features } = finder.find(customer)
    expect(new Set(itemRows).size).toBe(itemRows.length)
    expect(Array.from(itemRows.subarray(0, customer.own.size))).toEqual([...customer.own.keys()])
    const united = new Set([...finder.sources(customer).values()].flatMap((rows) => [...rows]))
    expect(new Set(itemRows)).toEqual(united)
    expect(features.length).toBe(itemRows.length * finder.featureNames.length)
  })

  test('takes as many items from a source as its size says, and none where that is 0', () => {
    const state = new LifecycleState({ numItems: NUM_ITEMS, horizonDays: 28 })
    createReplay(state, dataset.sequences).until(CUT)
    const signals = createNeighborSignals(state.population)
    const sources = createCandidateFinder(state, signals, { popular: 3, user_knn: 2 }).sources(
      customer,
    )
    expect([...sources.keys()]).toEqual(['own', 'popular', 'user_knn'])
    expect(sources.get('popular')?.length).toBe(3)
    for (const name of ['popular', 'user_knn'])
      for (const itemRow of sources.get(name) as Int32Array)
        expect(customer.own.has(itemRow)).toBe(false)
  })

  test('names each feature once, with a formula and a unit', () => {
    const { featureNames } = finderAt(dataset, CUT)
    expect(new Set(featureNames).size).toBe(featureNames.length)
    for (const feature of [...PAIR_FEATURES, ...ITEM_FEATURES, ...USER_FEATURES]) {
      expect(featureNames).toContain(feature.name)
      expect(feature.formula).not.toBe('')
      expect(feature.unit).not.toBe('')
    }
  })

  test('leaves pair features out for items that the customer does not own', () => {
    const finder = finderAt(dataset, CUT)
    const other = Array.from({ length: NUM_ITEMS }, (_, i) => i + 1).find(
      (itemRow) => !customer.own.has(itemRow),
    ) as number
    const row = finder.describe(customer, Int32Array.of(other))
    finder.featureNames.forEach((name, f) => {
      if (name === 'pair.owned') expect(row[f]).toBe(0)
      else expect(Number.isNaN(row[f])).toBe(name.startsWith('pair.') || name === 'item.price')
    })
  })
})
