import { createRng } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { drawArrivals } from './draw-arrivals.ts'

const draw = (seed: number, spacing: 'poisson' | 'fixed' = 'poisson'): Float64Array =>
  drawArrivals(100_000, { ratePerSecond: 200, spacing, rng: createRng(seed) })

describe('drawArrivals', () => {
  test('keeps the rate, in order and within the time', () => {
    const dueMs = draw(1)
    // The deviation of a Poisson count of 20,000 is 141.
    expect(Math.abs(dueMs.length - 20_000)).toBeLessThan(4 * 141)
    expect(dueMs).toEqual(dueMs.toSorted())
    expect(dueMs[0]).toBeGreaterThan(0)
    expect(dueMs.at(-1)).toBeLessThan(100_000)
  })

  test('draws exponential gaps: as wide as their mean, and a share of exp(-2) above twice the mean', () => {
    const dueMs = draw(1)
    const gaps = Array.from(dueMs.subarray(1), (due, i) => due - (dueMs[i] as number))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1)
    const long = gaps.filter((gap) => gap > 2 * mean).length / gaps.length
    expect(long).toBeCloseTo(Math.exp(-2), 2)
  })

  test('is fixed by the seed', () => {
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  test('spaces evenly when asked to', () => {
    const dueMs = draw(1, 'fixed')
    expect(dueMs.length).toBe(20_000)
    expect([...dueMs.subarray(0, 3)]).toEqual([2.5, 7.5, 12.5])
  })

  test('refuses a rate of 0', () => {
    const rng = createRng(1)
    expect(() => drawArrivals(1000, { ratePerSecond: 0, rng })).toThrow('ratePerSecond')
  })
})
