import { describe, expect, test } from 'vitest'
import {
  checkTimeDistribution,
  expectedTime,
  NUM_TIME_BINS,
  possibleTimeBins,
  probabilityWithin,
  timeBinOf,
  timeQuantile,
} from './time-distribution.ts'

/** Bins from 0 2 4 7 10 14 21 28 42 60 90 120 days, and never. */
const SPREAD = [0.1, 0, 0.06, 0, 0.08, 0.07, 0.14, 0, 0.18, 0.03, 0, 0.24, 0.1]
const NEVER = Array.from({ length: NUM_TIME_BINS }, (_, bin) => (bin === 12 ? 1 : 0))

describe('timeBinOf', () => {
  test.each([
    [0, 0],
    [1.99, 0],
    [2, 1],
    [27, 6],
    [28, 7],
    [179.9, 11],
    [180, 12],
    [Infinity, 12],
  ])('puts day %d in bin %d', (days, bin) => {
    expect(timeBinOf(days)).toBe(bin)
  })

  test.each([-1, Number.NaN])('refuses %d days', (days) => {
    expect(() => timeBinOf(days)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('possibleTimeBins', () => {
  test('leaves the bin in which observation ended and all later ones', () => {
    expect(possibleTimeBins(0)).toEqual({ first: 0, last: 12 })
    expect(possibleTimeBins(7)).toEqual({ first: 3, last: 12 })
    expect(possibleTimeBins(9)).toEqual({ first: 3, last: 12 })
    expect(possibleTimeBins(500)).toEqual({ first: 12, last: 12 })
    expect(() => possibleTimeBins(2.5)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('probabilityWithin', () => {
  test('adds whole bins and the part of the one that the horizon ends in', () => {
    expect(probabilityWithin(SPREAD, 0)).toBe(0)
    expect(probabilityWithin(SPREAD, 1)).toBeCloseTo(0.1 / 2, 12)
    expect(probabilityWithin(SPREAD, 7)).toBeCloseTo(0.1 + 0.06, 12)
    expect(probabilityWithin(SPREAD, 28)).toBeCloseTo(0.1 + 0.06 + 0.08 + 0.07 + 0.14, 12)
    expect(probabilityWithin(SPREAD, 90)).toBeCloseTo(0.45 + 0.18 + 0.03, 12)
    expect(probabilityWithin(SPREAD, 135)).toBeCloseTo(0.66 + (15 / 60) * 0.24, 12)
    expect(probabilityWithin(SPREAD, 180)).toBeCloseTo(0.9, 12)
  })

  test('never falls as the horizon grows', () => {
    for (let days = 1; days <= 180; days++) {
      expect(probabilityWithin(SPREAD, days)).toBeGreaterThanOrEqual(
        probabilityWithin(SPREAD, days - 1),
      )
    }
  })

  test.each([-1, 181, Number.NaN])('refuses a horizon of %d days', (days) => {
    expect(() => probabilityWithin(SPREAD, days)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('timeQuantile', () => {
  test('is the day by which that share of what comes within 180 days has come', () => {
    // A third of .9 is .3: .24 lie before day 14, .07 in [14, 21).
    expect(timeQuantile(SPREAD, 1 / 3)).toBeCloseTo(14 + (0.06 / 0.07) * 7, 10)
    // .45 lie before day 28.
    expect(timeQuantile(SPREAD, 0.5)).toBeCloseTo(28, 10)
    expect(timeQuantile(SPREAD, 1)).toBeCloseTo(180, 10)
  })

  test('starts where the first probability lies', () => {
    const late = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    expect(timeQuantile(late, 0)).toBe(28)
    expect(timeQuantile(late, 0.5)).toBe(35)
    expect(timeQuantile(late, 1)).toBe(42)
  })

  test('does not exist for what is never bought', () => {
    expect(timeQuantile(NEVER, 0.5)).toBeUndefined()
    expect(expectedTime(NEVER)).toBeUndefined()
  })
})

describe('expectedTime', () => {
  test('gives quartiles and median, or the shares asked for', () => {
    const range = expectedTime(SPREAD)
    // .225 is .065 into the .08 of [10, 14); .675 is .015 into the .24 of [120, 180).
    expect(range?.earlyDays).toBeCloseTo(10 + (0.065 / 0.08) * 4, 10)
    expect(range?.medianDays).toBeCloseTo(28, 10)
    expect(range?.lateDays).toBeCloseTo(120 + (0.015 / 0.24) * 60, 10)
    const wide = expectedTime(SPREAD, { early: 0.1, late: 0.9 })
    expect(wide?.earlyDays).toBeCloseTo((0.09 / 0.1) * 2, 10)
    expect(wide?.lateDays).toBeCloseTo(120 + (0.15 / 0.24) * 60, 10)
  })

  test('refuses shares on the wrong side of the median', () => {
    expect(() => expectedTime(SPREAD, { early: 0.6 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => expectedTime(SPREAD, { late: 0.4 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('checkTimeDistribution', () => {
  test('takes float32 probabilities', () => {
    expect(() => checkTimeDistribution(Float32Array.from(SPREAD))).not.toThrow()
  })

  test.each([
    { name: 'too few', probabilities: [1], code: 'SHAPE_MISMATCH' },
    { name: 'a sum of 1.1', probabilities: [...SPREAD.slice(0, 12), 0.2], code: 'INVALID_INPUT' },
    {
      name: 'one below 0',
      probabilities: [-0.1, 0.2, ...SPREAD.slice(2)],
      code: 'INVALID_INPUT',
    },
    { name: 'NaN', probabilities: [Number.NaN, ...SPREAD.slice(1)], code: 'INVALID_INPUT' },
  ])('refuses $name', ({ probabilities, code }) => {
    expect(() => checkTimeDistribution(probabilities)).toThrow(expect.objectContaining({ code }))
  })
})
