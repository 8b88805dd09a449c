import { describe, expect, test } from 'vitest'
import { createRng, hash32, shuffle } from './random.ts'

describe('hash32', () => {
  test('gives the test vector of its docstring', () => {
    expect(hash32(1, 2, 3)).toBe(0xacebdd74)
  })

  test('depends on order and on every value', () => {
    const hashes = [hash32(1, 2, 3), hash32(3, 2, 1), hash32(1, 2), hash32(1, 2, 3, 0)]
    expect(new Set(hashes).size).toBe(4)
  })
})

describe('createRng', () => {
  test('repeats its stream for the same seed, and no other', () => {
    const draw = (seed: number, ...streams: number[]): number[] => {
      const rng = createRng(seed, ...streams)
      return Array.from({ length: 5 }, () => rng.nextUint32())
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(draw(7, 1)).not.toEqual(draw(7, 2))
  })

  test('is uniform: mean 1/2 and variance 1/12', () => {
    const rng = createRng(1)
    const { mean, variance } = moments(() => rng.next())
    expect(mean).toBeCloseTo(1 / 2, 2)
    expect(variance).toBeCloseTo(1 / 12, 2)
  })

  test('is normal: mean 0, variance 1, kurtosis 3', () => {
    const rng = createRng(2)
    const { mean, variance, fourth } = moments(() => rng.nextNormal())
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(Math.abs(variance - 1)).toBeLessThan(0.03)
    expect(Math.abs(fourth / variance ** 2 - 3)).toBeLessThan(0.15)
  })

  test('draws every integer below the limit about equally often', () => {
    const rng = createRng(3)
    const counts = new Int32Array(6)
    for (let i = 0; i < 60_000; i++) {
      const value = rng.nextInt(6)
      counts[value] = (counts[value] as number) + 1
    }
    // Five standard deviations of a binomial count: 5 * sqrt(60000 * 1/6 * 5/6) = 456.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(456)
  })
})

describe('shuffle', () => {
  test('keeps the values and changes their order, the same for the same seed', () => {
    const values = Int32Array.from({ length: 100 }, (_, i) => i)
    const shuffled = shuffle(values.slice(), createRng(4))
    expect(shuffled).not.toEqual(values)
    expect(shuffled.slice().sort()).toEqual(values)
    expect(shuffle(values.slice(), createRng(4))).toEqual(shuffled)
  })

  test('puts each value in each place equally often', () => {
    const rng = createRng(5)
    const counts = new Int32Array(9)
    for (let i = 0; i < 9000; i++) {
      shuffle([0, 1, 2], rng).forEach((value, place) => {
        counts[3 * value + place] = (counts[3 * value + place] as number) + 1
      })
    }
    // Five standard deviations: 5 * sqrt(9000 * 1/3 * 2/3) = 224.
    for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(224)
  })
})

function moments(draw: () => number): { mean: number; variance: number; fourth: number } {
  const values = Array.from({ length: 50_000 }, draw)
  const average = (of: (value: number) => number): number =>
    values.reduce((sum, value) => sum + of(value), 0) / values.length
  const mean = average((value) => value)
  return {
    mean,
    variance: average((value) => (value - mean) ** 2),
    fourth: average((value) => (value - mean) ** 4),
  }
}
