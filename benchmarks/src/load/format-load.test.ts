import { describe, expect, test } from 'vitest'
import { formatLoad } from './format-load.ts'
import { recordTimes } from './record-times.ts'
import { divideByReference, type LoadResult } from './result.ts'

function timesOf(latencyMs: number) {
  const recorder = recordTimes(10)
  recorder.record({ i: 0, dueMs: 0, latencyMs, lateMs: 0.25 }, 'read')
  recorder.record(
    { i: 1, dueMs: 1, latencyMs, lateMs: 0.25, error: new Error('503 full') },
    'write',
  )
  return recorder.times()
}

const result = {
  http: {
    startMs: 1234,
    phases: { cold: timesOf(40), measured: timesOf(4) },
    server: {
      cpuSeconds: 7.5,
      memory: { peakBytes: 321e6, growthPercent: 1.25 },
      stages: [{ stage: 'search', count: 1200, meanMs: 0.4, p50Ms: 0.35, p99Ms: 0.9 }],
    },
    generator: { cpuSeconds: 1 },
    reloads: {
      ...{ numReloads: 3, numFailed: 0, numCorrupt: 2, numCorruptTaken: 1 },
      refusal: 'Expected items.arrow to have sha256 x.',
    },
  },
  reference: { meanMs: 0.987 },
} as unknown as LoadResult

describe('formatLoad', () => {
  test('shows phases, processes, reloads and failures', () => {
    const text = formatLoad(result)
    expect(text).toMatch(/HTTP .* measured .* 2 .* 1 .* 4\.00 .* 4\.00 .* 0\.25/)
    expect(text).toMatch(/HTTP .* cold .* 40\.0/)
    expect(text).toContain('75 % of a core by the server, 10 % by the load generator')
    expect(text).toContain('peak 321 MB; anonymous memory grew 1.3 %')
    expect(text).toContain('Reloads: 3, 0 failed; 2 of a corrupt artifact, 1 not refused.')
    expect(text).toContain('Failed 1 times: 503 full')
    expect(text).toMatch(/search .* 1,200 .* 0\.400/)
    expect(text).toContain('Reference work: 0.987 ms.')
  })
})

describe('divideByReference', () => {
  test('divides what was measured, and leaves out what was not', () => {
    const { http } = divideByReference(result, 2)
    expect(http?.p50).toBeCloseTo(2, 2)
    expect(divideByReference({}, 2)).toEqual({})
  })
})
