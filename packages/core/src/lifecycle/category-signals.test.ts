import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import { createCategorySignals } from './category-signals.ts'
import { buildCategoryTree } from './category-tree.ts'
import { type Customer, describeCustomer } from './customer.ts'
import { ItemStatistics } from './item-statistics.ts'
import type { Signal } from './signal.ts'

/** Items 1 to 3 are tea, 4 and 5 soap, 6 has no category. */
const catalog = new ItemCatalog(
  ['Tea', 'Tea', 'Tea', 'Soap', 'Soap', undefined].map((category, i) => ({
    itemId: `i${i + 1}`,
    categoryPath: category === undefined ? [] : ['Shop', category],
  })),
)

function customerOf(events: readonly (readonly [itemRow: number, day: number])[]): Customer {
  return describeCustomer({
    itemRows: Int32Array.from(events, ([itemRow]) => itemRow),
    timestampMs: Float64Array.from(events, ([, day]) => day * DAY_MS),
    quantities: new Float32Array(events.length).fill(1),
    asOfMs: 100 * DAY_MS,
  })
}

function signalsOf(purchases: readonly (readonly [itemRow: number, count: number])[]): Signal[] {
  const items = new ItemStatistics({ numItems: 6, horizonDays: 28 })
  for (const [itemRow, count] of purchases)
    for (let n = 0; n < count; n++)
      items.addPurchase({ itemRow, day: 90, price: Number.NaN, count: 1, gapDays: 0 })
  return createCategorySignals(items, buildCategoryTree(catalog))
}

describe('createCategorySignals', () => {
  // Tea 60 days ago twice by two items, and today; soap never; the item without a category yesterday.
  const customer = customerOf([
    [1, 40],
    [2, 40],
    [1, 100],
    [6, 99],
  ])

  test('says what was bought in the category of an item, how lately, and which share was the item', () => {
    const [weight, recency, share] = signalsOf([]) as [Signal, Signal, Signal]
    for (const signal of [weight, recency, share]) signal.turnTo(customer)
    expect(weight.valueOf(3)).toBeCloseTo(Math.log(0.5 + 0.5 + 1 + 1e-3), 6)
    expect(weight.valueOf(4)).toBeCloseTo(Math.log(1e-3), 6)
    expect(weight.valueOf(6)).toBeCloseTo(Math.log(1e-3), 6)
    expect(recency.valueOf(3)).toBeCloseTo(Math.log(0.5), 6)
    expect(recency.valueOf(4)).toBeNaN()
    expect(share.valueOf(1)).toBeCloseTo(2 / 3, 6)
    expect(share.valueOf(3)).toBe(0)
    expect([recency.best(3).length, share.best(3).length]).toEqual([0, 0])
  })

  test('brings the best selling items of the customer’s categories that he does not own', () => {
    const [source] = signalsOf([
      [3, 2],
      [4, 9],
      [6, 9],
    ]) as [Signal]
    source.turnTo(customer)
    expect([...source.best(5)]).toEqual([3])
    source.turnTo(
      customerOf([
        [5, 90],
        [1, 20],
      ]),
    )
    // Soap was bought lately, tea long ago: the weight of the category counts beside what sells.
    expect([...source.best(2)]).toEqual([4, 3])
  })

  test('has nothing to say where no item has a category', () => {
    const plain = new ItemCatalog([{ itemId: 'a' }])
    const items = new ItemStatistics({ numItems: 1, horizonDays: 28 })
    expect(createCategorySignals(items, buildCategoryTree(plain))).toEqual([])
  })
})
