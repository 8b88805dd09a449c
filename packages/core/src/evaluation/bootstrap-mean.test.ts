import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { bootstrapMean } from './bootstrap-mean.ts'

const rng = createRng(5)
const values = Float32Array.from({ length: 400 }, () => rng.nextNormal())

describe('bootstrapMean', () => {
  test('agrees with the normal interval: mean +- 1.96 deviation / sqrt(n)', () => {
    const { mean, low, high } = bootstrapMean(values, { seed: 1, resamples: 5000 })
    const own = values.reduce((sum, value) => sum + value, 0) / 400
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - own) ** 2, 0) / 400)
    expect(mean).toBeCloseTo(own, 12)
    const half = (1.96 * deviation) / Math.sqrt(400)
    expect(Math.abs(high - mean - half)).toBeLessThan(0.1 * half)
    expect(Math.abs(mean - low - half)).toBeLessThan(0.1 * half)
  })

  test('draws the values of a user together: four copies tell no more than one', () => {
    const copies = Float32Array.from({ length: 1600 }, (_, i) => values[i >> 2] as number)
    const userRows = Int32Array.from({ length: 1600 }, (_, i) => 1000 - (i >> 2))
    const once = bootstrapMean(values, { seed: 1 })
    const byUser = bootstrapMean(copies, { seed: 1, userRows })
    expect(byUser.low).toBeCloseTo(once.low, 9)
    expect(byUser.high).toBeCloseTo(once.high, 9)
    const byValue = bootstrapMean(copies, { seed: 1 })
    // Four times the values look twice as sure.
    expect((byValue.high - byValue.low) / (once.high - once.low)).toBeCloseTo(1 / 2, 1)
  })

  test('weighs a user by the number of their values', () => {
    const own = Float32Array.of(1, 1, 1, 0)
    const { mean, low, high } = bootstrapMean(own, { seed: 1, userRows: Int32Array.of(7, 7, 7, 9) })
    expect(mean).toBe(3 / 4)
    // Two users drawn from two: the same one twice, or both, whose mean is 3/4.
    expect([low, high]).toEqual([0, 1])
  })

  test('leaves out NaN, and users with nothing else', () => {
    const holes = Float32Array.of(NaN, 2, NaN, 4)
    const full = bootstrapMean(Float32Array.of(2, 4), { seed: 3 })
    expect(bootstrapMean(holes, { seed: 3 })).toEqual(full)
    const userRows = Int32Array.of(1, 5, 2, 6)
    expect(bootstrapMean(holes, { seed: 3, userRows })).toEqual(full)
    expect(full.mean).toBe(3)
  })

  test.each([
    ['no values', new Float32Array(0), {}, 'SHAPE_MISMATCH'],
    ['users of other values', values, { userRows: Int32Array.of(1) }, 'SHAPE_MISMATCH'],
    ['nothing but NaN', Float32Array.of(NaN), {}, 'INVALID_INPUT'],
    ['too few resamples', values, { resamples: 99 }, 'INVALID_OPTION'],
  ])('refuses %s', (_, wrong, options, code) => {
    expect(() => bootstrapMean(wrong, { seed: 1, ...options })).toThrow(
      expect.objectContaining({ code }),
    )
  })
})
