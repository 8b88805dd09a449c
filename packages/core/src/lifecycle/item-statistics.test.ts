import { expect, test } from 'vitest'
import { ItemStatistics } from './item-statistics.ts'

const bought = (day: number, count = 1, gapDays = 0) => ({
  itemRow: 1,
  day,
  price: 2,
  count,
  gapDays,
})

test('ItemStatistics counts purchases by age, in windows and by buyer', () => {
  const items = new ItemStatistics({ numItems: 2, horizonDays: 14 })
  items.addPurchase(bought(0))
  items.addPurchase(bought(30))
  items.addPurchase(bought(35, 2, 35))
  items.addPurchase(bought(56))
  const facts = items.facts(1, 60)
  expect(facts.decayed[0]).toBeCloseTo(
    0.5 ** (60 / 7) + 0.5 ** (30 / 7) + 0.5 ** (25 / 7) + 0.5 ** (4 / 7),
    9,
  )
  expect(facts.firstDecayed[0]).toBeCloseTo(
    0.5 ** (60 / 14) + 0.5 ** (30 / 14) + 0.5 ** (4 / 14),
    9,
  )
  expect(facts).toMatchObject({
    numPurchases: 4,
    numBuyers: 3,
    sold7: 1,
    sold28: 2,
    soldBefore28: 1,
    newBuyers: 1,
    firstDay: 0,
    lastDay: 56,
  })
  expect(facts.meanLogPrice).toBeCloseTo(Math.log(2), 9)
  // One gap of its own beside ten of all items, which are this one.
  expect(facts.meanLogGap).toBeCloseTo(Math.log(35), 9)
  // One of three buyers came back, with five more at the rate of all.
  expect(facts.repeatRate).toBeCloseTo(1 / 3, 9)
  // Time alone moves the windows; asking leaves nothing behind.
  expect(items.facts(1, 90)).toMatchObject({ sold7: 0, sold28: 0, soldBefore28: 2, newBuyers: 0 })
  expect(items.facts(1, 60)).toEqual(facts)
  expect(items.facts(2, 60)).toMatchObject({ numPurchases: 0, numBuyers: 0, sold28: 0 })
})

test('ItemStatistics forgets days of windows and keeps a late event in its place', () => {
  const items = new ItemStatistics({ numItems: 1, horizonDays: 28 })
  for (const day of [0, 100, 90, 300]) items.addPurchase({ ...bought(day), itemRow: 1 })
  expect(items.facts(1, 301)).toMatchObject({ sold7: 1, sold28: 1, soldBefore28: 0 })
  const late = new ItemStatistics({ numItems: 1, horizonDays: 28 })
  for (const day of [100, 90]) late.addPurchase({ ...bought(day), itemRow: 1 })
  expect(late.facts(1, 101)).toMatchObject({ sold7: 1, sold28: 2, lastDay: 100 })
})

test('ItemStatistics tells how often owners buy an item again when they come', () => {
  const items = new ItemStatistics({ numItems: 2, horizonDays: 10 })
  items.addVisit(Int32Array.of(1, 2), 0)
  items.addVisit(Int32Array.of(1), 10)
  items.addRebuy(1, 10)
  const overall = 2 / (2 + 2)
  expect(items.facts(1, 10).rebuyRate).toBeCloseTo((1 + 10 * overall) / (1.5 + 10), 6)
  expect(items.facts(2, 10).rebuyRate).toBeCloseTo((0 + 10 * overall) / (0.5 + 10), 6)
})
