import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { pairedBootstrap } from './paired-bootstrap.ts'

const rng = createRng(1)
const b = Float32Array.from({ length: 400 }, () => rng.next())
const better = b.map((value) => value + 0.1 + 0.2 * rng.nextNormal())

describe('pairedBootstrap', () => {
  test('gives a constant difference no spread', () => {
    const result = pairedBootstrap(Float32Array.of(3, 5, 8), Float32Array.of(1, 3, 6), { seed: 1 })
    expect(result).toEqual({ meanDifference: 2, low: 2, high: 2 })
  })

  test('agrees with the normal interval: mean +- 1.96 deviation / sqrt(n)', () => {
    const { meanDifference, low, high } = pairedBootstrap(better, b, { seed: 2, resamples: 5000 })
    const half = (1.96 * 0.2) / Math.sqrt(400)
    expect(meanDifference).toBeCloseTo(0.1, 1)
    expect(Math.abs(high - meanDifference - half)).toBeLessThan(0.1 * half)
    expect(Math.abs(meanDifference - low - half)).toBeLessThan(0.1 * half)
  })

  test('repeats for the same seed; seed and resamples change the interval', () => {
    const base = pairedBootstrap(better, b, { seed: 3 })
    expect(pairedBootstrap(better, b, { seed: 3 })).toEqual(base)
    expect(pairedBootstrap(better, b, { seed: 4 }).low).not.toBe(base.low)
    expect(pairedBootstrap(better, b, { seed: 3, resamples: 200 }).low).not.toBe(base.low)
  })

  test('leaves out pairs in which either value is NaN', () => {
    const a = Float32Array.of(3, Number.NaN, 5, 8)
    const other = Float32Array.of(1, 7, Number.NaN, 6)
    expect(pairedBootstrap(a, other, { seed: 1 })).toEqual({ meanDifference: 2, low: 2, high: 2 })
  })

  test('draws the cases of a user together', () => {
    // Half the users gain 1 at both cuts, the others nothing: 100 users, not 200 cases.
    const gains = Float32Array.from({ length: 200 }, (_, i) => i % 2)
    const userRows = Int32Array.from({ length: 200 }, (_, i) => i % 100)
    const nothing = new Float32Array(200)
    const { low, high } = pairedBootstrap(gains, nothing, { seed: 1, userRows })
    const half = (1.96 * 0.5) / Math.sqrt(100)
    expect(Math.abs((high - low) / 2 - half)).toBeLessThan(0.1 * half)
  })

  test('refuses values that are not paired', () => {
    expect(() => pairedBootstrap(b, b.subarray(1), { seed: 1 })).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })
})
