import { describe, expect, test } from 'vitest'
import { minimize } from './nelder-mead.ts'

const rosenbrock = ([x = 0, y = 0]: Float64Array): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2

describe('minimize', () => {
  test('finds the minimum at the end of a curved valley', () => {
    const { point, value } = minimize(rosenbrock, [-1.2, 1])
    expect(point[0]).toBeCloseTo(1, 5)
    expect(point[1]).toBeCloseTo(1, 5)
    expect(value).toBeLessThan(1e-10)
  })

  test('treats what is not finite as infinitely bad', () => {
    const { point } = minimize(([x = 0]) => (x < 2 ? Number.NaN : (x - 1) ** 2), [5])
    expect(point[0]).toBeCloseTo(2, 5)
  })

  test('ends on a ridge, where the points of least value never meet', () => {
    const { value } = minimize(([x = 0, y = 0]) => 1 + (x + y - 3) ** 2, [10, -20])
    expect(value).toBeCloseTo(1, 10)
  })

  test('takes the step for the size of its first simplex, and ends at the tolerance', () => {
    const trace = (options: { step?: number; tolerance?: number }): number[] => {
      const tried: number[] = []
      minimize(
        ([x = 0]) => {
          tried.push(x)
          return (x - 3) ** 2
        },
        [10],
        options,
      )
      return tried
    }
    expect(trace({ step: 0.25 }).slice(0, 2)).toEqual([10, 10.25])
    expect(trace({}).slice(0, 2)).toEqual([10, 10.5])
    expect(trace({ tolerance: 0.1 }).length).toBeLessThan(trace({}).length)
  })

  test('gives up with a code', () => {
    const minimum = (): unknown => minimize(rosenbrock, [-1.2, 1], { maxEvaluations: 10 })
    expect(minimum).toThrow(expect.objectContaining({ code: 'TRAINING_DIVERGED' }))
    expect(() => minimize(() => Number.NaN, [0])).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
    expect(() => minimize(rosenbrock, [0, 0], { step: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => minimize(rosenbrock, [0, 0], { signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ code: 'ABORTED' }),
    )
  })
})
