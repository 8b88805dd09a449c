import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { measureSubjects } from '../subject.ts'
import { divideOperations, measureLatency } from './measure-latency.ts'

const options = {
  seed: 1,
  operationSeconds: 0.01,
  numRequests: 20,
  numWarmUp: 2,
  maxSeconds: 30,
}

describe('measureLatency', () => {
  test('measures every operation and each way of asking', async () => {
    const stages: string[] = []
    const { signal } = new AbortController()
    const [measured] = await measureSubjects(
      { numItems: [200], numUsers: 30, seed: 1 },
      (subject) =>
        measureLatency(subject, { ...options, signal, onStage: (text) => stages.push(text) }),
    )
    expect(measured).toMatchObject({ numItems: 200, dim: 64, maxLength: 50, numUsers: 30 })
    expect(measured?.operations.map(({ name }) => name)).toEqual([
      'encode 1 history of 50',
      'encode 16 histories of 50',
      'search exact-float32, k = 10',
      'search exact-int8, k = 10',
      'search hnsw, k = 10',
      'filter to bitmap',
      'blend, history of 50',
    ])
    for (const one of measured?.operations ?? []) {
      if ('skipped' in one) expect(one.skipped).toContain('hnswlib-node')
      else expect(one.meanMicros).toBeGreaterThan(0)
    }
    expect(measured?.index.kind).toBe('exact-float32')
    const ways = measured?.requests.map(({ transport, reasons }) => [transport, reasons])
    expect(ways).toEqual([
      ['in-process', true],
      ['in-process', false],
      ['http', true],
      ['http', false],
    ])
    for (const { numRequests, p50Ms, p99Ms, maxMs } of measured?.requests ?? []) {
      expect(numRequests).toBe(20)
      expect(p50Ms).toBeGreaterThan(0)
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
      expect(maxMs).toBeGreaterThanOrEqual(p99Ms)
    }
    // A listener a request would slow down the loop over HTTP.
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(stages).toContain('  whole recommendation, http, no reasons')
  })

  test('stops at an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    const measuring = measureSubjects({ numItems: [50], numUsers: 5, seed: 1 }, (subject) =>
      measureLatency(subject, { ...options, signal }),
    )
    await expect(measuring).rejects.toThrow('stopped')
  })
})

describe('divideOperations', () => {
  test('divides medians by the reference and leaves out what was skipped', () => {
    const times = { meanMicros: 9, marginPercent: 1, numSamples: 5 }
    const operations = [
      { name: 'encode', medianMicros: 500, ...times },
      { name: 'search', skipped: 'not here' },
    ]
    expect(divideOperations({ operations }, 2)).toEqual({ encode: 500 / 1000 / 2 })
  })
})
