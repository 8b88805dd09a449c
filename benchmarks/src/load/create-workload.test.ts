import { describe, expect, test } from 'vitest'
import { createWorkload, type WorkloadOptions, type WorkloadRequest } from './create-workload.ts'

const userIds = Array.from({ length: 1000 }, (_, i) => `user-${i}`)
const itemIds = Array.from({ length: 50 }, (_, i) => `item-${i}`)
const options = { userIds, itemIds, writeShare: 0.1, zipfExponent: 1, seed: 1, runId: 'run' }

function draw(numRequests: number, changed: Partial<WorkloadOptions> = {}): WorkloadRequest[] {
  const next = createWorkload({ ...options, ...changed })
  return Array.from({ length: numRequests }, next)
}

describe('createWorkload', () => {
  test('writes the share that was asked for', () => {
    const share = (writeShare: number): number =>
      draw(20_000, { writeShare }).filter(({ kind }) => kind === 'write').length / 20_000
    expect(share(0)).toBe(0)
    expect(share(1)).toBe(1)
    // The deviation of the share is sqrt(0.1 * 0.9 / 20000) = 0.002.
    expect(Math.abs(share(0.1) - 0.1)).toBeLessThan(0.008)
  })

  test('draws users by the law of Zipf', () => {
    const requests = draw(20_000)
    const harmonic = userIds.reduce((sum, _, i) => sum + 1 / (i + 1), 0)
    for (const rank of [1, 2, 4]) {
      const count = requests.filter(({ userId }) => userId === `user-${rank - 1}`).length
      expect(count / 20_000).toBeCloseTo(1 / rank / harmonic, 2)
    }
  })

  test('draws all users alike with an exponent of 0', () => {
    const first = draw(20_000, { zipfExponent: 0 }).filter(({ userId }) => userId === 'user-0')
    expect(first.length).toBeLessThan(60)
  })

  test('gives every event an id of its own, and one of this run', () => {
    const ids = draw(500, { writeShare: 1 }).map((one) => (one as { eventId: string }).eventId)
    expect(new Set(ids).size).toBe(500)
    expect(ids[0]).toMatch(/^run-/)
  })

  test('is fixed by the seed', () => {
    expect(draw(50)).toEqual(draw(50))
    expect(draw(50)).not.toEqual(draw(50, { seed: 2 }))
  })

  test('refuses a share above 1', () => {
    expect(() => draw(1, { writeShare: 1.5 })).toThrow('writeShare')
  })
})
