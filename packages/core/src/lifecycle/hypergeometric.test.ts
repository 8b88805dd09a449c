import { describe, expect, test } from 'vitest'
import { weightedHypergeometric } from './hypergeometric.ts'

describe('weightedHypergeometric', () => {
  test.each([
    [0.5, 1.5, 2.5, 0.3, 2.317679108421771],
    [3, 4, 1.2, 0.9, 4449.341249776601],
    [0.3, 0.4, -0.4, 0.5, -0.19406843846391245],
    // Summed as it stands, for c - a is far below 0.
    [20, 1.5, 2.5, 0.6, 0.12909112977111406],
  ])('agrees with scipy at (%d, %d; %d; %d)', (a, b, c, z, expected) => {
    expect(weightedHypergeometric(a, b, c, z) / expected).toBeCloseTo(1, 12)
  })

  test('is an elementary function where the parameters make it one', () => {
    // 2F1(1, 1; 2; z) = -log(1 - z) / z, also close to 1 where the series is slow.
    for (const z of [0.1, 0.9, 0.9999])
      expect(weightedHypergeometric(1, 1, 2, z)).toBeCloseTo(
        (2 * (1 - z) * -Math.log(1 - z)) / z,
        12,
      )
    // 2F1(a, b; b; z) = (1 - z)^-a, so that the weight cancels it.
    expect(weightedHypergeometric(2.5, 3, 3, 0.7)).toBeCloseTo(3, 12)
  })

  test('has a value at the pole c = 0, between those on either side', () => {
    const below = weightedHypergeometric(0.5, 0.7, -1e-6, 0.4)
    const above = weightedHypergeometric(0.5, 0.7, 1e-6, 0.4)
    expect(weightedHypergeometric(0.5, 0.7, 0, 0.4)).toBeCloseTo((below + above) / 2, 9)
  })

  test('does not overflow where the plain series has terms beyond all numbers', () => {
    // 2F1(a, b; b; z) again, its value 10^2000.
    expect(weightedHypergeometric(2000, 5, 5, 0.9)).toBeCloseTo(5, 8)
  })

  test('is c at z = 0', () => {
    expect(weightedHypergeometric(3, 4, 1.5, 0)).toBe(1.5)
  })
})
