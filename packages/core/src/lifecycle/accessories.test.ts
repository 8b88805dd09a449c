import { describe, expect, test } from 'vitest'
import type { Dataset } from '../data/dataset.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import { buildDataset } from '../testing.ts'
import { findAccessories } from './accessories.ts'
import { buildCategoryTree } from './category-tree.ts'

type User = readonly (readonly [itemRow: number, day: number])[]

/** Printer 1, another printer 2, ink 3 and 4, paper 5, tea 6. */
const CATALOG = new ItemCatalog([
  { itemId: 'printer', categoryPath: ['Office', 'Printers'] },
  { itemId: 'other printer', categoryPath: ['Office', 'Printers'] },
  { itemId: 'ink', categoryPath: ['Office', 'Ink'] },
  { itemId: 'other ink', categoryPath: ['Office', 'Ink'] },
  { itemId: 'paper', categoryPath: ['Office', 'Paper'] },
  { itemId: 'tea', categoryPath: ['Pantry', 'Tea'] },
])
const TREE = buildCategoryTree(CATALOG)
const PRINTERS = TREE.nodeOf(['Office', 'Printers']) as number

/** Ten buyers of a printer take ink 2 to 11 days later and tea; ninety others take tea, paper or, one of them, ink. */
const USERS: readonly User[] = [
  ...Array.from(
    { length: 10 },
    (_, u): User => [
      [6, 0],
      [1, 10],
      [3, 12 + u],
      [5, 50],
    ],
  ),
  ...Array.from(
    { length: 90 },
    (_, u): User => [
      [6, 0],
      [u === 0 ? 3 : 5, 15],
    ],
  ),
]

function shop(users: readonly User[]): Dataset {
  return { ...buildDataset(users, { numItems: 6 }), catalog: CATALOG }
}

const SOURCES = { itemRows: [1], nodes: [PRINTERS] }

describe('findAccessories', () => {
  test('compares with what everyone buys on the same days', () => {
    const { items } = findAccessories(shop(USERS), TREE, { cutDay: 100, sources: SOURCES })
    // Day 11 to 100 hold 10 + 1 first purchases of ink and 10 + 89 of paper. Printer buyers make 20 of all 110.
    const expected = (20 * 11) / 110
    expect(items[0]?.[0]).toEqual({
      itemRow: 3,
      lift: (10 + 1) / (expected + 1),
      numBuyers: 10,
      fromDays: 2,
      toDays: 10,
    })
    // Paper: 10 buyers where 20 * 99 / 110 = 18 are expected.
    expect(items[0]?.some((found) => 'itemRow' in found && found.itemRow === 5)).toBe(false)
  })

  test('finds the category beside the item, for an item and for a category', () => {
    const users = USERS.map((user, u): User => {
      return user.map(([row, day]) => [row === 3 && u % 2 === 0 ? 4 : row, day] as const)
    })
    const { items, categories } = findAccessories(shop(users), TREE, {
      cutDay: 100,
      sources: SOURCES,
      minLift: 1,
    })
    const ink = { categoryPath: ['Office', 'Ink'], numBuyers: 10, fromDays: 2, toDays: 10 }
    expect(items[0]).toContainEqual(expect.objectContaining(ink))
    expect(categories[0]).toContainEqual(expect.objectContaining(ink))
    expect(items[0]).toContainEqual(expect.objectContaining({ itemRow: 4, numBuyers: 5 }))
  })

  test('leaves out the own category, the day itself and what was there before', () => {
    const users: User[] = [
      // Another printer later; ink on the day of the printer; ink before it.
      ...Array.from(
        { length: 20 },
        (): User => [
          [6, 0],
          [1, 10],
          [2, 20],
        ],
      ),
      ...Array.from(
        { length: 20 },
        (): User => [
          [6, 0],
          [1, 10],
          [3, 10],
        ],
      ),
      ...Array.from(
        { length: 20 },
        (): User => [
          [3, 5],
          [1, 10],
          [3, 20],
        ],
      ),
    ]
    const options = { cutDay: 100, sources: SOURCES, minLift: 1, minSupport: 1 }
    expect(findAccessories(shop(users), TREE, options).items).toEqual([[]])
  })

  test('keeps to window, support, lift and limit', () => {
    const find = (options: object) =>
      findAccessories(shop(USERS), TREE, { cutDay: 100, sources: SOURCES, ...options }).items[0]
    // 10 of the ink buyers come within 11 days, 5 within 6.
    expect(find({ windowDays: 6, minLift: 1 })?.[0]).toMatchObject({ numBuyers: 5 })
    expect(find({ minSupport: 10 })).not.toEqual([])
    expect(find({ minSupport: 11 })).toEqual([])
    expect(find({ minLift: 3.6 })).toHaveLength(2)
    expect(find({ minLift: 3.7 })).toEqual([])
    expect(find({ limit: 1 })).toHaveLength(1)
  })

  test('reads nothing from the cut on', () => {
    const { items } = findAccessories(shop(USERS), TREE, {
      cutDay: 14,
      sources: SOURCES,
      minSupport: 1,
      minLift: 1,
    })
    // Days 12 and 13: two ink buyers.
    expect(items[0]?.[0]).toMatchObject({ itemRow: 3, numBuyers: 2, toDays: 3 })
  })

  test('finds nothing for no source, and refuses wrong options', () => {
    const none = { itemRows: [], nodes: [] }
    expect(findAccessories(shop(USERS), TREE, { cutDay: 9, sources: none })).toEqual({
      items: [],
      categories: [],
    })
    for (const option of [{ windowDays: 0 }, { minSupport: 0 }, { minLift: 0.5 }, { limit: 0 }]) {
      expect(() =>
        findAccessories(shop(USERS), TREE, { cutDay: 100, sources: SOURCES, ...option }),
      ).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
    const signal = AbortSignal.abort(new Error('enough'))
    expect(() =>
      findAccessories(shop(USERS), TREE, { cutDay: 100, sources: SOURCES, signal }),
    ).toThrow('enough')
  })
})
