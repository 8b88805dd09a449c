import { describe, expect, test } from 'vitest'
import { scaleOf, standingOf, weightToStanding } from './standing.ts'

describe('scaleOf', () => {
  test('takes the median, the lower one of two, and the highest score', () => {
    expect(scaleOf(Float32Array.of(5, 1, 2))).toEqual({ middle: 2, best: 5 })
    expect(scaleOf(Float32Array.of(5, 1, 2, 3))).toEqual({ middle: 2, best: 5 })
  })

  test('leaves out scores that are not finite', () => {
    expect(scaleOf(Float32Array.of(Number.NaN, 5, -Infinity, 1, 2, Infinity))).toEqual({
      middle: 2,
      best: 5,
    })
    expect(scaleOf(new Float32Array(0))).toEqual({ middle: 0, best: 0 })
  })
})

describe('standingOf', () => {
  test('is 1 for the best, 0 for the middle one, negative below', () => {
    const scale = { middle: 2, best: 6 }
    expect([6, 2, 5, 1].map((score) => standingOf(score, scale))).toEqual([1, 0, 3 / 4, -1 / 4])
  })

  test('does not depend on the scale or the zero of scores', () => {
    const scores = Float32Array.of(8, 1, 4, -2, 3)
    const others = scores.map((score) => 0.5 * score + 7)
    const standings = (list: Float32Array): number[] =>
      Array.from(list, (score) => standingOf(score, scaleOf(list)))
    expect(standings(others)).toEqual(standings(scores))
  })

  test('is 1 for all when all are equal', () => {
    expect(standingOf(3, scaleOf(Float32Array.of(3, 3)))).toBe(1)
  })
})

test('weightToStanding makes weights add up, and 0 not infinite', () => {
  expect(weightToStanding(1)).toBe(0)
  expect(weightToStanding(1 / 2) + weightToStanding(1 / 8)).toBeCloseTo(
    weightToStanding(1 / 16),
    12,
  )
  expect(weightToStanding(Math.exp(-4))).toBeCloseTo(-1, 12)
  expect(weightToStanding(0)).toBeCloseTo(Math.log(1e-6) / 4, 12)
})
