import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import {
  areaUnderRoc,
  brierScore,
  expectedCalibrationError,
  logLoss,
  reliabilityBins,
} from './calibration.ts'

const probabilities = Float64Array.of(0.9, 0.1, 0.4, 0.2)
const outcomes = Uint8Array.of(1, 0, 0, 1)

describe('reliabilityBins', () => {
  test('parts sorted probabilities into bins of equal count', () => {
    const [low, high] = reliabilityBins(probabilities, outcomes, { numBins: 2 })
    expect(low).toMatchObject({ numCases: 2, low: 0.1, high: 0.2, meanObserved: 1 / 2 })
    expect(low?.meanPredicted).toBeCloseTo((0.1 + 0.2) / 2, 12)
    expect(high).toMatchObject({ numCases: 2, low: 0.4, high: 0.9, meanObserved: 1 / 2 })
    expect(high?.meanPredicted).toBeCloseTo((0.4 + 0.9) / 2, 12)
  })

  test('never parts equal probabilities, whatever the order of the cases', () => {
    const tied = Float32Array.of(0.5, 0.5, 0.5, 0.75)
    const counts = reliabilityBins(tied, Uint8Array.of(1, 0, 0, 1), { numBins: 4 })
    expect(counts.map(({ numCases }) => numCases)).toEqual([3, 1])
    const other = reliabilityBins(tied, Uint8Array.of(0, 0, 1, 1), { numBins: 4 })
    expect(other).toEqual(counts)
  })

  test('has ten bins by default, and no more than there are cases', () => {
    const many = Float64Array.from({ length: 25 }, (_, i) => i / 25)
    const bins = reliabilityBins(many, new Uint8Array(25))
    expect(bins.length).toBe(10)
    expect(bins.reduce((sum, { numCases }) => sum + numCases, 0)).toBe(25)
    expect(reliabilityBins(probabilities, outcomes).length).toBe(4)
  })
})

describe('expectedCalibrationError', () => {
  test('weighs the distance of each bin by its count', () => {
    // Bins {.1, .2}: observed 1/2 against .15; {.4, .9}: 1/2 against .65.
    expect(expectedCalibrationError(probabilities, outcomes, { numBins: 2 })).toBeCloseTo(
      0.5 * 0.35 + 0.5 * 0.15,
      12,
    )
    expect(expectedCalibrationError(probabilities, outcomes, { numBins: 1 })).toBeCloseTo(
      Math.abs(0.5 - 0.4),
      12,
    )
  })

  test('is near 0 for outcomes drawn from the probabilities, and finds a bias', () => {
    const rng = createRng(7)
    const drawn = Float64Array.from({ length: 20_000 }, () => rng.next())
    const happened = Uint8Array.from(drawn, (probability) => (rng.next() < probability ? 1 : 0))
    expect(expectedCalibrationError(drawn, happened)).toBeLessThan(0.01)
    const halved = drawn.map((probability) => probability / 2)
    expect(expectedCalibrationError(halved, happened)).toBeCloseTo(0.25, 1)
  })
})

describe('brierScore', () => {
  test('is the mean squared error', () => {
    const squares = 0.1 ** 2 + 0.1 ** 2 + 0.4 ** 2 + 0.8 ** 2
    expect(brierScore(probabilities, outcomes)).toBeCloseTo(squares / 4, 12)
  })
})

describe('logLoss', () => {
  test('is the mean of -log of what happened', () => {
    const logs = Math.log(0.9) + Math.log(0.9) + Math.log(0.6) + Math.log(0.2)
    expect(logLoss(probabilities, outcomes)).toBeCloseTo(-logs / 4, 12)
  })

  test('bounds the cost of a certain error', () => {
    expect(logLoss(Float32Array.of(1), Uint8Array.of(0))).toBeCloseTo(-Math.log(1e-7), 9)
  })
})

describe('areaUnderRoc', () => {
  test('is the share of pairs in the right order', () => {
    // Of .9 and .2 against .1 and .4 only .2 against .4 is wrong.
    expect(areaUnderRoc(probabilities, outcomes)).toBe(3 / 4)
    expect(areaUnderRoc(Float32Array.of(-3, 8, 5), Uint8Array.of(0, 1, 1))).toBe(1)
  })

  test('counts ties one half', () => {
    // Pairs: 2 against 1 right, 2 against 2 half; 3 against both right.
    expect(areaUnderRoc(Float32Array.of(2, 1, 2, 3), Uint8Array.of(1, 0, 0, 1))).toBe(3.5 / 4)
    expect(areaUnderRoc(new Float32Array(5), Uint8Array.of(1, 0, 0, 1, 0))).toBe(1 / 2)
  })

  test('is undefined when all outcomes are the same', () => {
    expect(areaUnderRoc(probabilities, new Uint8Array(4))).toBeNaN()
  })
})

describe('the checks of all of them', () => {
  test.each([reliabilityBins, expectedCalibrationError, brierScore, logLoss, areaUnderRoc])(
    '%o',
    (measure) => {
      const code = (wrong: string) => expect.objectContaining({ code: wrong })
      expect(() => measure(probabilities, outcomes.subarray(1))).toThrow(code('SHAPE_MISMATCH'))
      expect(() => measure(new Float32Array(0), new Uint8Array(0))).toThrow(code('SHAPE_MISMATCH'))
      expect(() => measure(Float32Array.of(NaN), Uint8Array.of(1))).toThrow(code('INVALID_INPUT'))
      expect(() => measure(Float32Array.of(0.5), Uint8Array.of(2))).toThrow(code('INVALID_INPUT'))
    },
  )

  test('a probability above 1 and no bins', () => {
    const one = Uint8Array.of(1)
    expect(() => brierScore(Float32Array.of(1.5), one)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
    expect(() => reliabilityBins(Float32Array.of(1), one, { numBins: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
