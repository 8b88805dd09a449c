import { describe, expect, test } from 'vitest'
import { createReferenceWork, measureReference } from './reference-workload.ts'

describe('createReferenceWork', () => {
  test('does the same work at every call', () => {
    const run = createReferenceWork()
    const first = run()
    expect(run()).toBe(first)
    expect(createReferenceWork()()).toBe(first)
  })
})

describe('measureReference', () => {
  test('gives the median of the runs', () => {
    const { medianMs, numRuns } = measureReference({ numRuns: 20 })
    expect(numRuns).toBe(20)
    expect(medianMs).toBeGreaterThan(0.05)
    expect(medianMs).toBeLessThan(100)
  })
})
