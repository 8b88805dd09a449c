import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { fitPowerLaw } from './power-law.ts'

/** Draws rates log-uniformly from `e^-5` to `e^1` and outcomes by the law. */
function draw(count: number, scale: number, power: number) {
  const rng = createRng(7)
  const rates = Array.from({ length: count }, () => Math.exp(6 * rng.next() - 5))
  const outcomes = rates.map((rate) => (rng.next() < 1 - Math.exp(-scale * rate ** power) ? 1 : 0))
  return { rates, outcomes }
}

describe('fitPowerLaw', () => {
  test.each([
    [1, 1],
    [0.5, 0.7],
    [2, 1.3],
  ])('finds the scale %d and power %d that outcomes were drawn by', (scale, power) => {
    const law = fitPowerLaw(draw(40_000, scale, power))
    expect(Math.abs(law.scale / scale - 1)).toBeLessThan(0.05)
    expect(Math.abs(law.power - power)).toBeLessThan(0.03)
  })

  test('solves the equation of one rate: half of many came', () => {
    // Penalty aside, scale * 1^power = log 2 for a rate of 1; the power does not matter there and stays 1.
    const outcomes = Array.from({ length: 100_000 }, (_, i) => i % 2)
    const law = fitPowerLaw({ rates: outcomes.map(() => 1), outcomes })
    expect(law.scale).toBeCloseTo(Math.LN2, 4)
    expect(law.power).toBe(1)
  })

  test('stays at 1 and 1 without outcomes', () => {
    expect(fitPowerLaw({ rates: [], outcomes: [] })).toEqual({ scale: 1, power: 1 })
  })

  test('moves little on few outcomes, and stays finite when all came or none did', () => {
    for (const outcome of [0, 1]) {
      const one = fitPowerLaw({ rates: [0.5], outcomes: [outcome] })
      expect(Math.abs(Math.log(one.scale))).toBeLessThan(0.6)
      const many = fitPowerLaw({
        rates: Array.from({ length: 1000 }, () => 0.5),
        outcomes: Array.from({ length: 1000 }, () => outcome),
      })
      const probability = 1 - Math.exp(-many.scale * 0.5 ** many.power)
      expect(Math.abs(probability - outcome)).toBeLessThan(0.01)
    }
  })

  test('never lets a higher rate mean a lower probability', () => {
    const rates = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 0.1 : 1))
    const outcomes = rates.map((rate, i) =>
      rate === 0.1 ? (i % 10 < 8 ? 1 : 0) : i % 10 < 2 ? 1 : 0,
    )
    const law = fitPowerLaw({ rates, outcomes })
    expect(law.power).toBe(0.05)
    // Four in five and one in five, so every second one: scale * rate^.05 is log 2, about.
    expect(1 - Math.exp(-law.scale * 0.316 ** law.power)).toBeCloseTo(0.5, 1)
  })

  test('takes an infinite rate', () => {
    const law = fitPowerLaw({ rates: [Infinity, 0.1], outcomes: [1, 0] })
    expect(Number.isFinite(law.scale) && Number.isFinite(law.power)).toBe(true)
  })
})
