import { describe, expect, test } from 'vitest'
import { createLatencyHistogram } from './latency-histogram.ts'

describe('createLatencyHistogram', () => {
  test('finds the percentiles of 1, 2, ..., 1000 ms to three digits', () => {
    const histogram = createLatencyHistogram()
    // In an order that is not sorted: 7 has no common factor with 1000.
    for (let i = 0; i < 1000; i++) histogram.record(1 + ((7 * i) % 1000))
    const { numRequests, ...times } = histogram.percentiles()
    expect(numRequests).toBe(1000)
    const expected = {
      meanMs: (1 + 1000) / 2,
      p50Ms: 500,
      p90Ms: 900,
      p99Ms: 990,
      p999Ms: 999,
      maxMs: 1000,
    }
    for (const [key, ms] of Object.entries(expected)) {
      expect(Math.abs(times[key as keyof typeof times] / ms - 1), key).toBeLessThan(1e-3)
    }
  })

  test('tells microseconds apart', () => {
    const histogram = createLatencyHistogram()
    for (const ms of [0.101, 0.102, 0.103]) histogram.record(ms)
    const { p50Ms, p999Ms, maxMs } = histogram.percentiles()
    expect(p50Ms).toBeCloseTo(0.102, 4)
    expect(maxMs).toBeCloseTo(0.103, 4)
    expect(p999Ms).toBeLessThanOrEqual(maxMs)
  })
})
