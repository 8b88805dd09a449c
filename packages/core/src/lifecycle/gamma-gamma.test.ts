import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { expectedVisitValue, fitGammaGamma } from './gamma-gamma.ts'
import type { PurchaseCounts } from './purchase-counts.ts'

function countsOf(numValued: number[], meanValues: number[]): PurchaseCounts {
  const zeros = new Float64Array(numValued.length)
  return {
    userRows: Int32Array.from(numValued.keys()),
    ...{ frequencies: zeros, recencies: zeros, ages: zeros, unitDays: 7 },
    numValued: Float64Array.from(numValued),
    meanValues: Float64Array.from(meanValues),
  }
}

/** Customers of a known model, `p = 2, q = 4, v = 60`; the value of a visit rises by `slope` with each further visit. */
function simulate(numCustomers: number, slope = 0): PurchaseCounts {
  const rng = createRng(3)
  // The sum of k exponential draws is Gamma(k, 1).
  const gamma = (k: number): number => {
    let sum = 0
    for (let n = 0; n < k; n++) sum -= Math.log(1 - rng.next())
    return sum
  }
  const numValued: number[] = []
  const meanValues: number[] = []
  for (let i = 0; i < numCustomers; i++) {
    const x = 1 + rng.nextInt(6)
    const nu = gamma(4) / 60
    numValued.push(x)
    meanValues.push((gamma(2 * x) / nu / x) * (1 + slope * x))
  }
  return countsOf(numValued, meanValues)
}

describe('fitGammaGamma', () => {
  test('finds the model that made the data, and that frequency and value are independent', () => {
    const model = fitGammaGamma(simulate(20_000))
    expect(Math.abs(model.p - 2)).toBeLessThan(0.1)
    expect(Math.abs(model.q - 4)).toBeLessThan(0.15)
    expect(Math.abs(model.v - 60)).toBeLessThan(5)
    expect(Math.abs(model.correlation)).toBeLessThan(0.02)
    expect(model.isIndependent).toBe(true)
    expect(model.numCustomers).toBe(20_000)
  })

  test('says so where frequent customers spend more', () => {
    const counts = simulate(5000, 1)
    const model = fitGammaGamma(counts)
    expect(model.correlation).toBeGreaterThan(0.3)
    expect(model.isIndependent).toBe(false)
    expect(fitGammaGamma(counts, { maxCorrelation: 0.9 }).isIndependent).toBe(true)
  })

  test('has the correlation of its customers, and leaves out those without a value above 0', () => {
    const counts = countsOf([1, 2, 3, 0, 4], [10, 30, 20, Number.NaN, 0])
    const { correlation, numCustomers } = fitGammaGamma(counts)
    // Deviations from the means 2 and 20: (-1, 0, 1) and (-10, 10, 0).
    expect(correlation).toBeCloseTo(10 / Math.sqrt(2 * 200), 12)
    expect(numCustomers).toBe(3)
  })

  test('needs two customers of known value', () => {
    expect(() => fitGammaGamma(countsOf([2, 0], [10, Number.NaN]))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
    expect(() => fitGammaGamma(simulate(10), { maxCorrelation: 2 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

test('expectedVisitValue weighs a customer against the shop by the number of his visits', () => {
  const model = fitGammaGamma(simulate(1000))
  const { p, q, v } = { p: 2, q: 4, v: 60 }
  const values = expectedVisitValue(
    { ...model, p, q, v },
    countsOf([0, 1, 9], [Number.NaN, 100, 100]),
  )
  // The shop's mean is p v / (q - 1) = 40, its weight (q - 1) / (p x + q - 1).
  expect(values[0]).toBeCloseTo(40, 12)
  expect(values[1]).toBeCloseTo((3 / 5) * 40 + (2 / 5) * 100, 12)
  expect(values[2]).toBeCloseTo((3 / 21) * 40 + (18 / 21) * 100, 12)
})
