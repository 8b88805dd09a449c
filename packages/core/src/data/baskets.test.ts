import { expect, test } from 'vitest'
import { buildBaskets, dayOf } from './baskets.ts'
import { DAY_MS } from './columns.ts'

test('groups by UTC day and keeps each item of a day once', () => {
  const days = [0, 0.5, 0.999, 1, 1.5, 4]
  const history = {
    itemRows: Int32Array.of(3, 1, 3, 3, 2, 1),
    timestampMs: Float64Array.from(days, (day) => Math.floor(day * DAY_MS)),
    quantities: Float32Array.of(1, 2, 4, 8, 16, 32),
  }
  expect(buildBaskets(history)).toEqual({
    days: Int32Array.of(0, 1, 4),
    offsets: Int32Array.of(0, 2, 4, 5),
    itemRows: Int32Array.of(3, 1, 3, 2, 1),
    quantities: Float32Array.of(5, 2, 8, 16, 32),
  })
})

test('has no basket for an empty history', () => {
  const { days, offsets } = buildBaskets({
    itemRows: new Int32Array(),
    timestampMs: new Float64Array(),
    quantities: new Float32Array(),
  })
  expect(days.length).toBe(0)
  expect(offsets).toEqual(Int32Array.of(0))
})

test('a day before 1970 is negative, and its last millisecond belongs to it', () => {
  expect(dayOf(-1)).toBe(-1)
  expect(dayOf(DAY_MS - 1)).toBe(0)
  expect(dayOf(Date.parse('2011-09-01T23:59:59.999Z'))).toBe(Date.parse('2011-09-01') / DAY_MS)
})
