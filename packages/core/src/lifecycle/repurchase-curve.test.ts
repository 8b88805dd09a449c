import { describe, expect, test } from 'vitest'
import {
  CURVE_EDGES,
  daysUntilShare,
  NUM_CURVE_SPANS,
  probabilityAgain,
  type RepurchaseTable,
  spanLength,
} from './repurchase-curve.ts'

/** One row: a chance of one in a hundred each day, seen of 50 buyers in every span. */
function table(knownDays = 365): RepurchaseTable {
  return {
    numRows: 1,
    numBuyers: Int32Array.of(50),
    numRepeaters: Int32Array.of(0),
    numGaps: Int32Array.of(0),
    meanLogGap: Float64Array.of(3),
    logGapDeviation: Float64Array.of(1),
    chances: Float64Array.from(
      { length: NUM_CURVE_SPANS },
      (_, span) => 1 - 0.99 ** spanLength(span),
    ),
    numWatched: new Float64Array(NUM_CURVE_SPANS).fill(50),
    knownDays: Int32Array.of(knownDays),
  }
}

describe('probabilityAgain', () => {
  test.each([0, 1, 7, 30, 50, 365])('is that of %d days of one in a hundred', (days) => {
    expect(probabilityAgain(table(), 0, days)?.probability).toBeCloseTo(1 - 0.99 ** days, 12)
  })

  test('has the standard error of the chances', () => {
    // By the delta method log(1 - chance) varies by chance / ((1 - chance) watched); a third of a span by a ninth of it.
    const chance = 1 - 0.99 ** 3
    const whole = chance / ((1 - chance) * 50)
    const error = probabilityAgain(table(), 0, 3)?.error
    expect(error).toBeCloseTo(0.99 ** 3 * Math.sqrt(whole), 12)
    expect(probabilityAgain(table(), 0, 1)?.error).toBeCloseTo(0.99 * Math.sqrt(whole / 9), 12)
    expect(probabilityAgain(table(), 0, 0)?.error).toBe(0)
    const more = { ...table(), numWatched: new Float64Array(NUM_CURVE_SPANS).fill(5000) }
    expect(probabilityAgain(more, 0, 3)?.error).toBeCloseTo((error as number) / 10, 12)
  })

  test('says nothing beyond what the log tells', () => {
    expect(probabilityAgain(table(30), 0, 30)).toBeDefined()
    expect(probabilityAgain(table(30), 0, 31)).toBeUndefined()
  })

  test.each([
    [1, 5],
    [-1, 5],
    [0, 366],
    [0, -1],
  ])('refuses row %d and %d days', (row, days) => {
    expect(() => probabilityAgain(table(), row, days)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('daysUntilShare', () => {
  test('is the last day by which the share is not passed', () => {
    // .99^5 is .951, .99^6 is .941; .99^68 is .505, .99^69 is .4998.
    expect(daysUntilShare(table(), 0, 0.05)).toBe(5)
    expect(daysUntilShare(table(), 0, 0.5)).toBe(68)
    expect(daysUntilShare(table(), 0, 1 - 0.99 ** 7)).toBe(7)
    expect(daysUntilShare(table(), 0, 0)).toBe(0)
  })

  test('ends where the log does', () => {
    expect(daysUntilShare(table(45), 0, 0.5)).toBe(45)
    expect(daysUntilShare(table(), 0, 1)).toBe(CURVE_EDGES.at(-1))
    expect(() => daysUntilShare(table(), 0, 1.1)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
