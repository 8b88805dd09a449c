import { describe, expect, test } from 'vitest'
import { countRepeatVisits, countVisitsOf } from './purchase-counts.ts'
import type { VisitLog } from './visit-log.ts'

/** Four users: two repeat visits, one visit, none before the cut, and one repeat visit of unknown value. */
const visits: VisitLog = {
  numUsers: 4,
  offsets: Int32Array.of(0, 4, 5, 6, 8),
  days: Int32Array.of(0, 7, 21, 40, 14, 30, 10, 12),
  numItems: new Int32Array(8).fill(1),
  values: Float64Array.of(100, 10, 30, 999, 5, 5, 7, Number.NaN),
}

describe('countRepeatVisits', () => {
  test('counts in weeks up to the day before the cut', () => {
    expect(countRepeatVisits(visits, { cutDay: 29 })).toEqual({
      userRows: Int32Array.of(0, 1, 3),
      frequencies: Float64Array.of(2, 0, 1),
      recencies: Float64Array.of(21 / 7, 0, 2 / 7),
      ages: Float64Array.of(28 / 7, 14 / 7, 18 / 7),
      numValued: Float64Array.of(2, 0, 0),
      // Without the first visit of 100.
      meanValues: Float64Array.of((10 + 30) / 2, Number.NaN, Number.NaN),
      unitDays: 7,
    })
  })

  test('counts in other units', () => {
    const { recencies, ages } = countRepeatVisits(visits, { cutDay: 29, unitDays: 1 })
    expect(recencies).toEqual(Float64Array.of(21, 0, 2))
    expect(ages).toEqual(Float64Array.of(28, 14, 18))
  })

  test('refuses half a day and a unit of no length', () => {
    const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })
    expect(() => countRepeatVisits(visits, { cutDay: 0.5 })).toThrow(invalid)
    expect(() => countRepeatVisits(visits, { cutDay: 1, unitDays: 0 })).toThrow(invalid)
  })
})

test('countVisitsOf agrees with countRepeatVisits', () => {
  const counts = countVisitsOf(Int32Array.of(0, 7, 21), { cutDay: 29 })
  const all = countRepeatVisits(visits, { cutDay: 29 })
  expect(counts).toEqual({
    frequencies: all.frequencies.slice(0, 1),
    recencies: all.recencies.slice(0, 1),
    ages: all.ages.slice(0, 1),
    unitDays: 7,
  })
})
