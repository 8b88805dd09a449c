import { describe, expect, test } from 'vitest'
import type { Dataset } from '../data/dataset.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import { buildDataset } from '../testing.ts'
import { probabilityAgain } from './repurchase-curve.ts'
import { learnRepurchase } from './repurchase-intervals.ts'

type User = readonly (readonly [itemRow: number, day: number])[]

/** Items without a category unless paths are given. */
function shop(users: readonly User[], paths: readonly (readonly string[])[] = [[]]): Dataset {
  const catalog = new ItemCatalog(
    paths.map((categoryPath, i) => ({ itemId: `i${i + 1}`, categoryPath })),
  )
  return { ...buildDataset(users, { numItems: paths.length }), catalog }
}

function repeat(count: number, user: User): User[] {
  return Array.from({ length: count }, () => user)
}

/** Ten of forty buyers of day 0 buy again on day 10. */
const QUARTER = [
  ...repeat(10, [
    [1, 0],
    [1, 10],
  ]),
  ...repeat(30, [[1, 0]]),
]

describe('learnRepurchase', () => {
  test('has the chances of the spans, of buyers watched until they buy again', () => {
    const { items } = learnRepurchase(shop(QUARTER), { cutDay: 31 })
    expect(items.knownDays[1]).toBe(30)
    // Ten of forty in days 8 to 14; before it forty and after it thirty are watched in vain.
    const chance = (events: number, watched: number): number =>
      (events + (30 * (events + 0.5)) / (watched + 1)) / (watched + 30)
    const chances = [chance(0, 40), chance(0, 40), chance(10, 40), chance(0, 30), chance(0, 30)]
    chances.forEach((expected, span) => {
      expect(items.chances[12 + span]).toBeCloseTo(expected, 12)
    })
    const left = chances.reduce((product, each) => product * (1 - each), 1)
    expect(probabilityAgain(items, 1, 30)?.probability).toBeCloseTo(1 - left, 12)
    // A quarter of the buyers did; half an event a span adds a little.
    expect(probabilityAgain(items, 1, 30)?.probability).toBeCloseTo(0.25, 1)
  })

  test('lets a newcomer speak of the days he was watched alone', () => {
    const before = learnRepurchase(shop(QUARTER), { cutDay: 31 }).items
    const newcomers = [...QUARTER, ...repeat(100, [[1, 25]])]
    const after = learnRepurchase(shop(newcomers), { cutDay: 31 }).items
    expect(after.numBuyers[1]).toBe(140)
    // Watched on days 1 to 5: the first span and half of the second.
    expect(after.numWatched.slice(12, 14)).toEqual(Float64Array.of(140 + 30, 40 + 50 + 30))
    expect(after.chances[12]).toBeLessThan(before.chances[12] as number)
    expect(after.chances[13]).toBeLessThan(before.chances[13] as number)
    expect(after.chances.slice(14, 24)).toEqual(before.chances.slice(14, 24))
    const share = probabilityAgain(after, 1, 30)?.probability as number
    expect(share).toBeGreaterThan(0.2)
  })

  test('is the share among all when the log is cut short at random', () => {
    // Everyone buys again after 20 days, and comes on one of days 0 to 39: half are cut off before.
    const users = Array.from({ length: 4000 }, (_, u): User => {
      const day = u % 40
      return [
        [1, day],
        [1, day + 20],
      ]
    })
    const { items } = learnRepurchase(shop(users), { cutDay: 40 })
    expect(items.numRepeaters[1]).toBe(2000)
    expect(probabilityAgain(items, 1, 14)?.probability).toBeLessThan(0.01)
    // 2,000 bought again on day 20; 100 each were cut off with 14 to 19 days, the last of which is 5/7 of the span.
    const watched = 2000 + (100 * (1 + 2 + 3 + 4 + 5)) / 7
    expect(probabilityAgain(items, 1, 21)?.probability).toBeCloseTo(2000 / watched, 2)
  })

  test('shrinks gaps towards those around: item, category, all', () => {
    const paths = [['A'], ['A'], ['B']]
    const week: User = [
      [1, 0],
      [1, 7],
      [1, 14],
    ]
    const month: User = [
      [3, 0],
      [3, 30],
    ]
    const { items } = learnRepurchase(shop([...repeat(6, week), ...repeat(8, month)], paths), {
      cutDay: 100,
    })
    const all = (12 * Math.log(7) + 8 * Math.log(30)) / 20
    const inA = (12 * Math.log(7) + 10 * all) / 22
    expect(items.numGaps[1]).toBe(12)
    expect(items.meanLogGap[0]).toBeCloseTo(all, 12)
    expect(items.meanLogGap[1]).toBeCloseTo((12 * Math.log(7) + 10 * inA) / 22, 12)
    // Item 2 was never bought: what items of its category do.
    expect(items.meanLogGap[2]).toBeCloseTo(inA, 12)
    const square = (12 * Math.log(7) ** 2 + 8 * Math.log(30) ** 2) / 20
    expect(items.logGapDeviation[0]).toBeCloseTo(Math.sqrt(square - all ** 2), 12)
    const squareInA = (12 * Math.log(7) ** 2 + 10 * square) / 22
    expect(items.logGapDeviation[2]).toBeCloseTo(Math.sqrt(squareInA - inA ** 2), 12)
  })

  test('counts anything of a category, once a day, at each level', () => {
    const paths = [
      ['Pantry', 'Tea'],
      ['Pantry', 'Tea'],
      ['Pantry', 'Coffee'],
    ]
    const user: User = [
      [1, 0],
      [2, 0],
      [2, 5],
      [3, 9],
    ]
    const { categories, items, tree } = learnRepurchase(shop([user], paths), { cutDay: 20 })
    const of = (path: readonly string[]): number => tree.nodeOf(path) as number
    expect(items.numGaps[1]).toBe(0)
    expect(items.numGaps[2]).toBe(1)
    expect(categories.numGaps[of(['Pantry', 'Tea'])]).toBe(1)
    expect(categories.numGaps[of(['Pantry', 'Coffee'])]).toBe(0)
    expect(categories.numGaps[of(['Pantry'])]).toBe(2)
    expect(categories.numGaps[0]).toBe(2)
    expect(categories.numBuyers[of(['Pantry', 'Tea'])]).toBe(1)
    // Node 0 stands alone: gaps of 5 and 4 days.
    expect(categories.meanLogGap[0]).toBeCloseTo((Math.log(5) + Math.log(4)) / 2, 12)
    // A category leans on those of its own depth: the one gap of 5 days among them.
    expect(categories.meanLogGap[of(['Pantry', 'Coffee'])]).toBeCloseTo(Math.log(5), 12)
  })

  test('reads nothing from the cut on', () => {
    const future = QUARTER.map((user, u): User => [...user, [1, 31], [1, 32 + u]])
    const known = learnRepurchase(shop(QUARTER), { cutDay: 31 })
    const poisoned = learnRepurchase(shop(future), { cutDay: 31 })
    expect(poisoned.items).toEqual(known.items)
    expect(poisoned.categories).toEqual(known.categories)
  })

  test('knows no gap and no curve in an empty log', () => {
    const { items } = learnRepurchase(shop([[]]), { cutDay: 10 })
    expect(items.meanLogGap[1]).toBeNaN()
    expect(items.knownDays[1]).toBe(0)
    expect(probabilityAgain(items, 1, 1)).toBeUndefined()
  })

  test('refuses data without real times, and stops when told to', () => {
    const ordinal = buildDataset([[[1, 0]]], { timeKind: 'ordinal' })
    expect(() => learnRepurchase(ordinal, { cutDay: 1 })).toThrow(
      expect.objectContaining({ code: 'DATASET_MISMATCH' }),
    )
    expect(() => learnRepurchase(shop(QUARTER), { cutDay: 1.5 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    const signal = AbortSignal.abort(new Error('enough'))
    expect(() => learnRepurchase(shop(QUARTER), { cutDay: 31, signal })).toThrow('enough')
  })
})
