import { describe, expect, test } from 'vitest'
import {
  logSurvival,
  normalLogTail,
  probabilityAfterWaiting,
  waitingQuantile,
} from './log-normal-hazard.ts'

/** A median of 30 days, with a factor of `e^0.5` either way. */
const MONTHLY = { meanLogGap: Math.log(30), logGapDeviation: 0.5 }

describe('normalLogTail', () => {
  // Values of `log_ndtr(-z)` of scipy.
  test.each([
    [-8, -6.220960574271742e-16],
    [-3, -0.0013508099647481925],
    [-1, -0.1727537790234499],
    [0, -Math.LN2],
    [1, -1.8410216450092634],
    [2.999, -6.6044435875705805],
    [3, -6.60772622151035],
    [5, -15.064998393988727],
    [10, -53.23128515051248],
    [40, -804.6084420137539],
  ])('of %d is %d', (z, expected) => {
    expect(Math.abs(normalLogTail(z) / expected - 1)).toBeLessThan(1e-11)
  })

  test('goes to 0 and to minus infinity', () => {
    expect(normalLogTail(-Infinity)).toBe(0)
    expect(normalLogTail(Infinity)).toBe(-Infinity)
  })
})

describe('logSurvival', () => {
  test('is certain on day 0 and even at the median', () => {
    expect(logSurvival(0, MONTHLY)).toBe(0)
    expect(Math.exp(logSurvival(30, MONTHLY))).toBeCloseTo(0.5, 12)
    // One deviation later: P(Z > 1).
    expect(Math.exp(logSurvival(30 * Math.exp(0.5), MONTHLY))).toBeCloseTo(0.15865525393145707, 12)
  })

  test('refuses what is no gap', () => {
    for (const gap of [
      { meanLogGap: 3, logGapDeviation: 0 },
      { meanLogGap: Number.NaN, logGapDeviation: 1 },
    ]) {
      expect(() => logSurvival(1, gap)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
    expect(() => logSurvival(-1, MONTHLY)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('probabilityAfterWaiting', () => {
  test('is one minus the ratio of survivals', () => {
    expect(probabilityAfterWaiting({ recencyDays: 0, horizonDays: 30 }, MONTHLY)).toBeCloseTo(
      0.5,
      12,
    )
    const horizonDays = 30 * Math.exp(0.5) - 30
    expect(probabilityAfterWaiting({ recencyDays: 30, horizonDays }, MONTHLY)).toBeCloseTo(
      1 - 0.15865525393145707 / 0.5,
      12,
    )
    expect(probabilityAfterWaiting({ recencyDays: 10, horizonDays: 0 }, MONTHLY)).toBe(0)
  })

  test('stays a probability where both survivals vanish', () => {
    const regular = { meanLogGap: Math.log(7), logGapDeviation: 0.05 }
    // z = log(700 / 7) / 0.05 = 92.1. The hazard there is z / (deviation t) = 2.6 a day.
    const probability = probabilityAfterWaiting({ recencyDays: 700, horizonDays: 0.1 }, regular)
    const hazard = Math.log(100) / 0.05 / (0.05 * 700)
    expect(probability).toBeCloseTo(1 - Math.exp(-0.1 * hazard), 3)
  })

  test('keeps small probabilities', () => {
    // z = (log 1 - log 30) / 0.3 = -11.3: 1 - S is 5e-30, below what 1 - (1 - x) can hold.
    const rare = { meanLogGap: Math.log(30), logGapDeviation: 0.3 }
    const probability = probabilityAfterWaiting({ recencyDays: 0, horizonDays: 1 }, rare)
    expect(Math.log(probability)).toBeCloseTo(normalLogTail(Math.log(30) / 0.3), 9)
  })
})

describe('waitingQuantile', () => {
  test('is the median of the gap on day 0', () => {
    expect(waitingQuantile({ recencyDays: 0, share: 0.5 }, MONTHLY)).toBeCloseTo(30, 9)
    // P(Z > 1) = .1587 comes later than one deviation.
    expect(
      waitingQuantile({ recencyDays: 0, share: 1 - 0.15865525393145707 }, MONTHLY),
    ).toBeCloseTo(30 * Math.exp(0.5), 9)
    expect(waitingQuantile({ recencyDays: 12, share: 0 }, MONTHLY)).toBe(0)
  })

  test.each([
    { recencyDays: 0.5, share: 0.001 },
    { recencyDays: 29, share: 0.5 },
    { recencyDays: 200, share: 0.25 },
    { recencyDays: 5000, share: 0.9 },
  ])('undoes the probability after $recencyDays days for $share', ({ recencyDays, share }) => {
    const horizonDays = waitingQuantile({ recencyDays, share }, MONTHLY)
    expect(probabilityAfterWaiting({ recencyDays, horizonDays }, MONTHLY)).toBeCloseTo(share, 9)
  })

  test('refuses certainty', () => {
    expect(() => waitingQuantile({ recencyDays: 0, share: 1 }, MONTHLY)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
