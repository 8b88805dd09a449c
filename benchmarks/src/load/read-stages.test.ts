import { describe, expect, test } from 'vitest'
import { readGauge, readStages } from './read-stages.ts'

const page = (counts: readonly number[], sum: number): string => `
# HELP perennial_stage_seconds Time of a stage.
# TYPE perennial_stage_seconds histogram
perennial_stage_seconds_bucket{le="0.001",stage="search"} ${counts[0]}
perennial_stage_seconds_bucket{le="0.002",stage="search"} ${counts[1]}
perennial_stage_seconds_bucket{le="+Inf",stage="search"} ${counts[2]}
perennial_stage_seconds_sum{stage="search"} ${sum}
perennial_stage_seconds_count{stage="search"} ${counts[2]}
http_request_duration_seconds_bucket{le="0.001",route="/v1/events"} 7
nodejs_eventloop_lag_p99_seconds 0.0112
process_cpu_seconds{core="0"} 3
process_cpu_seconds{core="1"} 5
`

describe('readStages', () => {
  test('counts between two readings and interpolates in buckets', () => {
    const [search, ...others] = readStages(page([10, 10, 10], 0.005), page([110, 210, 210], 0.305))
    expect(others).toEqual([])
    expect(search).toMatchObject({ stage: 'search', count: 200 })
    expect(search?.meanMs).toBeCloseTo((1000 * (0.305 - 0.005)) / 200, 9)
    // Rank 100 of 200 is the last of the 100 up to 1 ms; rank 198 is 98 of the 100 between 1 and 2 ms.
    expect(search?.p50Ms).toBeCloseTo(1, 9)
    expect(search?.p99Ms).toBeCloseTo(1 + 98 / 100, 9)
  })

  test('counts from the start without an earlier reading, and says the last limit for what lies beyond', () => {
    const [search] = readStages('', page([0, 0, 4], 2))
    expect(search).toMatchObject({ count: 4, meanMs: 500, p50Ms: 2 })
  })

  test('leaves out stages that did not run', () => {
    expect(readStages(page([5, 5, 5], 1), page([5, 5, 5], 1))).toEqual([])
  })
})

describe('readGauge', () => {
  test('reads a value, the largest over labels', () => {
    expect(readGauge(page([1, 1, 1], 1), 'nodejs_eventloop_lag_p99_seconds')).toBe(0.0112)
    expect(readGauge(page([1, 1, 1], 1), 'process_cpu_seconds')).toBe(5)
    expect(readGauge(page([1, 1, 1], 1), 'absent')).toBeUndefined()
  })
})
