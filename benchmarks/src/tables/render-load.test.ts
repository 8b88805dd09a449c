import { expect, test } from 'vitest'
import { recordTimes } from '../load/record-times.ts'
import type { LoadResult } from '../load/result.ts'
import { renderLoad } from './render-load.ts'

function timesOf(latencyMs: number) {
  const recorder = recordTimes(60)
  recorder.record({ i: 0, dueMs: 0, latencyMs, lateMs: 0.25 }, 'read')
  return recorder.times()
}

const result = {
  sizes: { numItems: 100_000, numUsers: 200_000, eventsPerUser: 50, seed: 1 },
  settings: { ratePerSecond: 1000, spacing: 'poisson', writeShare: 0.1 },
  http: {
    startMs: 1234,
    phases: { cold: timesOf(40), warmUp: timesOf(9), measured: timesOf(4) },
    server: { cpuSeconds: 45, memory: { peakBytes: 321e6, growthPercent: 1.25 }, stages: [] },
    generator: { cpuSeconds: 6 },
    reloads: { numReloads: 3, numFailed: 0, numCorrupt: 2, numCorruptTaken: 0 },
  },
  inProcess: { phases: { measured: timesOf(0.5) } },
  reference: { meanMs: 0.987 },
  machine: { cores: 2, cpu: 'X', memoryGb: 24, node: 'v20' },
  loadAverage1m: 0.5,
  commit: 'abc',
} as unknown as LoadResult

test('renderLoad shows phases without the warm-up, what processes used, reloads and settings', () => {
  const text = renderLoad(result)
  expect(text).toMatch(/\| HTTP, the first 60 s \| 1 \| 0 \| 40\.0/)
  expect(text).toContain('| HTTP, for 60 s | 1 | 0 | 4.00 | 4.00 | 4.00 | 4.00 | 4.00 | 0.25 |')
  expect(text).toContain('| in process, for 60 s | 1 | 0 | 0.50 |')
  expect(text).not.toContain('9.0')
  expect(text).toContain('It used 75 % of a core, the load generator 10 %.')
  expect(text).toContain('3 reloads meanwhile, 0 failed; 2 of 2 corrupt artifacts were refused.')
  expect(text).toContain('200,000 users of 50 events, 1,000 requests a second (poisson), 10 %')
  expect(text).toContain('Reference work 0.99 ms. Measured on 2 cores of X')
})
