import { describe, expect, test } from 'vitest'
import { medianAbsoluteError, rangeCoverage, shareWithinGap } from './timing-metrics.ts'

const predicted = Float32Array.of(10, 20, Infinity, 5)
const actual = Float32Array.of(13, 15, 8, 5)

describe('medianAbsoluteError', () => {
  test('takes the middle error, of an even number the mean of two', () => {
    // Errors 3, 5, Infinity, 0.
    expect(medianAbsoluteError(predicted, actual)).toBe((3 + 5) / 2)
    expect(medianAbsoluteError(predicted.subarray(1), actual.subarray(1))).toBe(5)
  })
})

describe('shareWithinGap', () => {
  test('compares each error with the own gap of the pair', () => {
    // Bounds 2.5, 5, 100 and 0 days against errors 3, 5, Infinity and 0.
    const gapDays = Float32Array.of(10, 20, 400, 0)
    expect(shareWithinGap(predicted, actual, { gapDays })).toBe(2 / 4)
    expect(shareWithinGap(predicted, actual, { gapDays, tolerance: 0.3 })).toBe(3 / 4)
  })
})

describe('rangeCoverage', () => {
  test('counts both ends in, and a pair never bought again where the range has no end', () => {
    const lowDays = Float32Array.of(13, 16, 0, 30)
    const highDays = Float32Array.of(20, 40, 8, Infinity)
    const came = Float32Array.of(13, 15, 8, Infinity)
    expect(rangeCoverage({ lowDays, highDays }, came)).toEqual({
      coverage: 3 / 4,
      // Widths 7, 24, 8 and Infinity.
      medianWidthDays: (8 + 24) / 2,
    })
  })

  test('refuses a range that ends before it begins', () => {
    const lowDays = Float32Array.of(2)
    expect(() => rangeCoverage({ lowDays, highDays: Float32Array.of(1) }, lowDays)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

describe('the checks of all of them', () => {
  const one = Float32Array.of(1)
  const two = Float32Array.of(1, 2)
  const none = new Float32Array(0)
  test.each([
    ['other lengths', () => medianAbsoluteError(one, two), 'SHAPE_MISMATCH'],
    ['no pairs', () => medianAbsoluteError(none, none), 'SHAPE_MISMATCH'],
    ['NaN', () => medianAbsoluteError(Float32Array.of(NaN), one), 'INVALID_INPUT'],
    [
      'a time that never came',
      () => medianAbsoluteError(one, Float32Array.of(Infinity)),
      'INVALID_INPUT',
    ],
    ['other gaps', () => shareWithinGap(one, one, { gapDays: two }), 'SHAPE_MISMATCH'],
    [
      'an endless gap',
      () => shareWithinGap(one, one, { gapDays: Float32Array.of(Infinity) }),
      'INVALID_INPUT',
    ],
    [
      'no tolerance',
      () => shareWithinGap(one, one, { gapDays: one, tolerance: 0 }),
      'INVALID_OPTION',
    ],
    [
      'a time in the past',
      () => rangeCoverage({ lowDays: one, highDays: one }, Float32Array.of(-1)),
      'INVALID_INPUT',
    ],
  ])('refuse %s', (_, measure, code) => {
    expect(measure).toThrow(expect.objectContaining({ code }))
  })
})
