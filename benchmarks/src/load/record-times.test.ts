import { describe, expect, test } from 'vitest'
import { recordTimes } from './record-times.ts'

describe('recordTimes', () => {
  test('tells reads from writes and counts failures by reason', () => {
    const recorder = recordTimes(2)
    const answer = { i: 0, dueMs: 5, lateMs: 0.2 }
    recorder.record({ ...answer, latencyMs: 1 }, 'read')
    recorder.record({ ...answer, latencyMs: 9, error: new Error('full') }, 'write')
    recorder.record({ ...answer, latencyMs: 9, error: new Error('full') }, 'write')
    const times = recorder.times()
    expect(times.requestsPerSecond).toBe(3 / 2)
    expect(times.all.numRequests).toBe(3)
    expect(times.reads?.numRequests).toBe(1)
    expect(times.writes?.p50Ms).toBeCloseTo(9, 1)
    expect(times.numErrors).toBe(2)
    expect(times.errors).toEqual({ full: 2 })
    expect(times.lateness.p99Ms).toBeCloseTo(0.2, 3)
  })

  test('leaves out kinds that did not occur', () => {
    const recorder = recordTimes(1)
    recorder.record({ i: 0, dueMs: 0, latencyMs: 1, lateMs: 0 }, 'read')
    expect(recorder.times()).not.toHaveProperty('writes')
  })

  test('keeps the first ten reasons, and counts them all', () => {
    const recorder = recordTimes(1)
    for (let i = 0; i < 15; i++) {
      const error = new Error(`reason ${i}`)
      recorder.record({ i, dueMs: 0, latencyMs: 1, lateMs: 0, error }, 'read')
    }
    const { numErrors, errors } = recorder.times()
    expect(numErrors).toBe(15)
    expect(Object.keys(errors)).toHaveLength(10)
  })
})
