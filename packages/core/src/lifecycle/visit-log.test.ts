import { expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { buildVisitLog, sliceVisitLog, visitsEnd } from './visit-log.ts'

const sequences = {
  numUsers: 3,
  offsets: Int32Array.of(0, 4, 4, 6),
  itemRows: Int32Array.of(1, 2, 1, 3, 1, 1),
  timestampMs: Float64Array.from([0.1, 0.5, 0.9, 4, 4, 7], (day) => day * DAY_MS),
  quantities: Float32Array.of(1, 2, 3, 1, 2, 1),
  prices: Float32Array.of(10, 5, 10, 2, 3, Number.NaN),
}

test('buildVisitLog makes one visit of a user and day, with its distinct items and its value', () => {
  expect(buildVisitLog(sequences)).toEqual({
    numUsers: 3,
    offsets: Int32Array.of(0, 2, 2, 4),
    days: Int32Array.of(0, 4, 4, 7),
    numItems: Int32Array.of(2, 1, 1, 1),
    // The last price is not known, so neither is the value.
    values: Float64Array.of(1 * 10 + 2 * 5 + 3 * 10, 2, 6, Number.NaN),
  })
})

test('visitsEnd leaves out visits of the day itself', () => {
  const visits = buildVisitLog(sequences)
  expect([0, 4, 5, 99].map((day) => visitsEnd(visits, 0, day))).toEqual([0, 1, 2, 2])
  expect(visitsEnd(visits, 1, 99)).toBe(2)
})

test('sliceVisitLog numbers the users of a range from 0', () => {
  expect(sliceVisitLog(buildVisitLog(sequences), 1, 3)).toEqual({
    numUsers: 2,
    offsets: Int32Array.of(0, 0, 2),
    days: Int32Array.of(4, 7),
    numItems: Int32Array.of(1, 1),
    values: Float64Array.of(6, Number.NaN),
  })
})
