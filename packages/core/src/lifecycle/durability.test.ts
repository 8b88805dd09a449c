import { describe, expect, test } from 'vitest'
import type { Dataset } from '../data/dataset.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import { buildDataset } from '../testing.ts'
import { type Durability, type LearnDurabilityOptions, learnDurability } from './durability.ts'
import { learnRepurchase } from './repurchase-intervals.ts'
import { lastingPurchases, suppressedItems } from './suppression.ts'

/**
 * Kettles 1 and 2 (nobody buys another), filter 3 (for kettles), teas 4 and 5 (every month), tea 6 (never again), kettle 7
 * (one buyer), card 8 (one buyer, no category).
 */
const CATALOG = new ItemCatalog([
  { itemId: 'kettle', categoryPath: ['Kitchen', 'Kettles'] },
  { itemId: 'other kettle', categoryPath: ['Kitchen', 'Kettles'] },
  { itemId: 'filter', categoryPath: ['Kitchen', 'Filters'] },
  { itemId: 'tea', categoryPath: ['Pantry', 'Tea'] },
  { itemId: 'other tea', categoryPath: ['Pantry', 'Tea'] },
  { itemId: 'odd tea', categoryPath: ['Pantry', 'Tea'] },
  { itemId: 'new kettle', categoryPath: ['Kitchen', 'Kettles'] },
  { itemId: 'card' },
])
const CUT_DAY = 800

/** 300 customers drink tea every month and try the odd one once; a third buys a kettle, and a filter 20 to 29 days later. */
function shop(): Dataset {
  const users = Array.from({ length: 300 }, (_, u) => {
    const start = u % 60
    const events: [number, number][] = []
    for (let day = start; day < 700; day += 30) events.push([4 + (u % 2), day])
    if (u % 3 === 0) {
      events.push([1 + (u % 2), start + 40], [3, start + 60 + ((u / 3) % 10)])
    }
    events.push([6, start + 100])
    if (u === 0) events.push([7, 300], [8, 300])
    return events.sort((a, b) => a[1] - b[1])
  })
  return { ...buildDataset(users, { numItems: 8 }), catalog: CATALOG }
}

const DATASET = shop()
const INTERVALS = learnRepurchase(DATASET, { cutDay: CUT_DAY })

function learn(options: LearnDurabilityOptions = {}): Durability {
  return learnDurability(DATASET, INTERVALS, options)
}

function categoryOf(durability: Durability, path: readonly string[]) {
  return durability.categories[INTERVALS.tree.nodeOf(path) as number]
}

describe('learnDurability', () => {
  test('tells what is used up from what lasts', () => {
    const learned = learn()
    expect(learned.items.map(({ kind }) => kind)).toEqual([
      'unknown',
      'durable',
      'durable',
      'durable',
      'consumable',
      'consumable',
      'unknown',
      'durable',
      'unknown',
    ])
    expect(learned.items[1]).toMatchObject({ decidedBy: 'own', numBuyers: 50 })
    expect(learned.items[1]?.againWithin[365]).toBeLessThan(0.05)
    expect(learned.items[4]?.againWithin[365]).toBeGreaterThan(0.9)
    expect(categoryOf(learned, ['Kitchen', 'Kettles'])?.kind).toBe('durable')
    expect(categoryOf(learned, ['Pantry', 'Tea'])?.kind).toBe('consumable')
  })

  test('calls no item durable that nobody bought twice in a category of consumables', () => {
    const { kind, decidedBy, numBuyers, againWithin } = learn()
      .items[6] as Durability['items'][number]
    expect({ kind, decidedBy, numBuyers }).toEqual({
      kind: 'unknown',
      decidedBy: 'own',
      numBuyers: 300,
    })
    expect(againWithin[365]).toBeLessThan(0.15)
  })

  test('takes the word of the category where buyers are few, and none where there is none', () => {
    const learned = learn()
    expect(learned.items[7]).toMatchObject({
      decidedBy: 'category',
      numBuyers: 1,
      suppressCategoryDays: 365,
    })
    expect(learned.items[8]).toMatchObject({
      kind: 'unknown',
      decidedBy: 'nothing',
      suppressDays: 0,
      suppressCategoryDays: 0,
    })
  })

  test('suppresses a durable with its category for a year, a consumable for weeks', () => {
    const learned = learn()
    expect(learned.items[1]).toMatchObject({ suppressDays: 365, suppressCategoryDays: 365 })
    const tea = learned.items[4] as Durability['items'][number]
    expect(tea.suppressCategoryDays).toBe(0)
    // All buy again after 30 days; the chance of days 22 to 30 is one.
    expect(tea.suppressDays).toBeGreaterThan(14)
    expect(tea.suppressDays).toBeLessThan(30)
  })

  test('finds the filter after the kettle, for 26 to 29 days', () => {
    const learned = learn({ minLift: 1.5 })
    expect(learned.items[1]?.accessories[0]).toMatchObject({ itemRow: 3, numBuyers: 50 })
    expect(learned.items[1]?.accessoryDays).toBeGreaterThanOrEqual(26)
    expect(learned.items[1]?.accessoryDays).toBeLessThanOrEqual(29)
    // The new kettle has one buyer: its accessories are those of kettles.
    expect(learned.items[7]?.accessories).toEqual(
      categoryOf(learned, ['Kitchen', 'Kettles'])?.accessories,
    )
    expect(learned.items[4]).toMatchObject({ accessories: [], accessoryDays: 0 })
  })

  test('follows its options', () => {
    expect(learn({ threshold: 0.99 }).items[4]?.kind).not.toBe('consumable')
    expect(learn({ threshold: 0.01 }).items[1]?.kind).toBe('unknown')
    expect(learn({ minBuyers: 51 }).items[1]?.decidedBy).toBe('category')
    const tea = (missedShare: number): number =>
      learn({ missedShare }).items[4]?.suppressDays as number
    expect(tea(0.3)).toBeGreaterThan(tea(0.05))
    expect(learn({ minLift: 1.5, accessoryWindowDays: 15 }).items[1]?.accessories).toEqual([])
    // The item has 50 buyers, its category 100.
    expect(learn({ minLift: 1.5, minSupport: 51 }).items[1]?.accessories[0]?.numBuyers).toBe(100)
    expect(learn({ minLift: 1.5, minSupport: 101 }).items[1]?.accessories).toEqual([])
    expect(learn({ minLift: 1.5 }).items[1]?.accessories).toHaveLength(1)
    expect(learn({ minLift: 1 }).items[1]?.accessories).toHaveLength(2)
    expect(learn({ minLift: 1, limit: 1 }).items[1]?.accessories).toHaveLength(1)
    for (const wrong of [{ threshold: 0 }, { minBuyers: 0 }, { missedShare: 0.6 }]) {
      expect(() => learn(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
  })

  test('puts the word of the merchant first', () => {
    const learned = learn({
      minLift: 1.5,
      overrides: [
        { categoryPath: ['Pantry'], kind: 'durable' },
        { itemId: 'tea', suppressDays: 3 },
        { itemId: 'kettle', kind: 'consumable' },
        { itemId: 'other kettle', accessoryDays: 5 },
      ],
    })
    expect(learned.items[5]).toMatchObject({
      kind: 'durable',
      decidedBy: 'merchant',
      suppressDays: 365,
      suppressCategoryDays: 365,
    })
    expect(learned.items[4]).toMatchObject({ kind: 'durable', suppressDays: 3 })
    expect(categoryOf(learned, ['Pantry', 'Tea'])).toMatchObject({ decidedBy: 'merchant' })
    expect(learned.items[1]).toMatchObject({
      kind: 'consumable',
      decidedBy: 'merchant',
      suppressCategoryDays: 0,
      accessories: [],
    })
    expect(learned.items[2]).toMatchObject({ decidedBy: 'own', accessoryDays: 5 })
    expect(learned.items[2]?.accessories).not.toEqual([])
  })

  test('knows no durable in a log of less than 180 days, but consumables', () => {
    const intervals = learnRepurchase(DATASET, { cutDay: 170 })
    const { items } = learnDurability(DATASET, intervals)
    expect(items[1]).toMatchObject({ kind: 'unknown', decidedBy: 'own' })
    expect(items[1]?.againWithin[365]).toBeNull()
    expect(items[4]?.kind).toBe('consumable')
  })

  test('is plain data', () => {
    const learned = learn()
    expect(JSON.parse(JSON.stringify(learned))).toEqual(learned)
  })
})

describe('suppressedItems', () => {
  const durability = learn()
  const { tree } = INTERVALS
  const suppressed = (itemRows: number[], days: number[], asOfDay: number): number[] =>
    [
      ...suppressedItems(
        { itemRows: Int32Array.from(itemRows), days: Int32Array.from(days) },
        asOfDay,
        { durability, tree },
      ).entries(),
    ].flatMap(([row, flag]) => (flag === 1 ? [row] : []))

  test('holds back a durable with its category, and a consumable alone', () => {
    expect(suppressed([1], [0], 0)).toEqual([1, 2, 7])
    expect(suppressed([1], [0], 365)).toEqual([1, 2, 7])
    expect(suppressed([1], [0], 366)).toEqual([])
    expect(suppressed([4], [0], 10)).toEqual([4])
    expect(suppressed([4], [0], 31)).toEqual([])
    expect(suppressed([8], [0], 0)).toEqual([])
  })

  test('counts no purchase after the day', () => {
    expect(suppressed([1, 4], [5, 3], 4)).toEqual([4])
  })

  test('holds back what lies below a category', () => {
    const catalog = new ItemCatalog([
      { itemId: 'a', categoryPath: ['Kitchen'] },
      { itemId: 'b', categoryPath: ['Kitchen', 'Kettles'] },
    ])
    const dataset = { ...buildDataset([[[1, 0]]], { numItems: 2 }), catalog }
    const intervals = learnRepurchase(dataset, { cutDay: 9 })
    const overrides = [{ itemId: 'a', kind: 'durable' }] as const
    const found = suppressedItems({ itemRows: Int32Array.of(1), days: Int32Array.of(0) }, 3, {
      durability: learnDurability(dataset, intervals, { overrides }),
      tree: intervals.tree,
    })
    expect([...found]).toEqual([0, 1, 1])
  })

  test('refuses rows that are not there and too few days', () => {
    expect(() => suppressed([9], [0], 0)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ITEM' }))
    expect(() => suppressed([0], [0], 0)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ITEM' }))
    expect(() => suppressed([1, 2], [0], 0)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })
})

describe('lastingPurchases', () => {
  const purchases = { itemRows: Int32Array.of(4, 1, 5, 8), days: Int32Array.of(1, 2, 3, 4) }

  test('keeps those of durables', () => {
    expect(lastingPurchases(purchases, learn())).toEqual({
      itemRows: Int32Array.of(1),
      days: Int32Array.of(2),
    })
  })

  test('keeps those of which the merchant set days, and leaves out what he calls a consumable', () => {
    const overrides = [
      { itemId: 'tea', suppressDays: 7 },
      { itemId: 'card', suppressCategoryDays: 3 },
      { itemId: 'kettle', kind: 'consumable' },
    ] as const
    const durability = learn({ overrides })
    expect(lastingPurchases(purchases, durability)).toEqual({
      itemRows: Int32Array.of(4, 8),
      days: Int32Array.of(1, 4),
    })
    expect(durability.items.map(({ daysSetBy }) => daysSetBy)).toEqual(
      Array.from({ length: 9 }, (_, row) => (row === 4 || row === 8 ? 'merchant' : 'data')),
    )
  })
})
