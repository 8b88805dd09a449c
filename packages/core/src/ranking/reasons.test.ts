import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import type { History } from '../data/sequences.ts'
import { ItemAttributes } from './item-attributes.ts'
import {
  describeAccessory,
  describeBudgetFit,
  describeRepeat,
  findCause,
  isRepeatReason,
} from './reasons.ts'

/** Item 5 on days 0, 7 (twice), 17, 20; item 6 on day 20; asked on day 26. */
const history: History = {
  itemRows: Int32Array.of(5, 5, 5, 5, 6, 5),
  timestampMs: Float64Array.of(0, 7, 7.5, 17, 20, 20.9).map((day) => day * DAY_MS),
  quantities: new Float32Array(6).fill(1),
  asOfMs: 26.1 * DAY_MS,
}

describe('isRepeatReason', () => {
  test('compares the repeat part with what the query gives over the mean candidate', () => {
    expect(isRepeatReason(1.5, 3, 2)).toBe(true)
    expect(isRepeatReason(0.9, 3, 2)).toBe(false)
    expect(isRepeatReason(0.1, 1, 2)).toBe(true)
  })

  test('never holds for an item without a repeat part', () => {
    expect(isRepeatReason(0, -5, 2)).toBe(false)
  })
})

describe('describeRepeat', () => {
  test('counts distinct days and takes the median gap', () => {
    expect(describeRepeat(history, 5)).toEqual({
      code: 'repeat',
      timesBought: 4,
      daysSinceLast: 26 - 20,
      typicalGapDays: 7, // of 7, 10 and 3
    })
  })

  test('takes the mean of the two middle gaps when their number is even', () => {
    const shorter: History = { ...history, itemRows: Int32Array.of(5, 5, 5, 5, 6, 6) }
    expect(describeRepeat(shorter, 5).typicalGapDays).toBe((7 + 10) / 2)
  })

  test('knows no gap for an item bought on one day', () => {
    expect(describeRepeat(history, 6)).toEqual({
      code: 'repeat',
      timesBought: 1,
      daysSinceLast: 6,
      typicalGapDays: null,
    })
  })
})

describe('findCause', () => {
  test('finds the part whose absence lowers the score most', () => {
    expect(findCause(2, [1.5, 0.5, 1.9, 3])).toBe(1)
  })

  test('finds none when every absence leaves or raises the score', () => {
    expect(findCause(2, [2, 2.5, 2 - 1e-7])).toBe(-1)
    expect(findCause(2, [])).toBe(-1)
  })

  test('skips a part that was not measured', () => {
    expect(findCause(2, [Number.NaN, 1])).toBe(1)
  })
})

test('describeAccessory names what is owned and the day it was bought', () => {
  const attributes = new ItemAttributes(
    new ItemCatalog([{ itemId: 'pan', title: 'Pan' }, { itemId: 'lid' }]),
  )
  // 2026-01-31 is 20,484 days after 1970-01-01.
  expect(describeAccessory({ ownedRow: 1, day: 20_484 }, attributes)).toEqual({
    code: 'goes-with',
    itemId: 'pan',
    title: 'Pan',
    boughtOn: '2026-01-31',
  })
  expect(describeAccessory({ ownedRow: 2, day: 0 }, attributes)).toMatchObject({
    title: null,
    boughtOn: '1970-01-01',
  })
})

test('describeBudgetFit tells price and bounds of an item within the budget only', () => {
  expect(describeBudgetFit({ max: 30 }, 20)).toEqual({
    code: 'fits-budget',
    price: 20,
    min: null,
    max: 30,
  })
  expect(describeBudgetFit({ min: 25, max: 30 }, 15)).toBeUndefined()
  expect(describeBudgetFit({ max: 30 }, 31)).toBeUndefined()
  expect(describeBudgetFit({ max: 30 }, undefined)).toBeUndefined()
})
