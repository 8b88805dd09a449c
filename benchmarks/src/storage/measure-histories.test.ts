import { describe, expect, test } from 'vitest'
import { measureSubjects } from '../subject.ts'
import { measureHistories } from './measure-histories.ts'

describe('measureHistories', () => {
  test('divides what each store takes by users and by events', async () => {
    const [measured] = await measureSubjects(
      { numItems: [100], numUsers: 1500, seed: 1 },
      async (subject) => ({
        ...(await measureHistories(subject)),
        numEvents: subject.events.userRows.length,
      }),
    )
    const { numUsers, eventsPerUser, memory, lmdb, redis, numEvents } = measured as NonNullable<
      typeof measured
    >
    expect(numUsers).toBe(1500)
    expect(eventsPerUser).toBe(numEvents / 1500)
    for (const { bytesPerUser, bytesPerEvent } of [memory, lmdb]) {
      expect(bytesPerUser / bytesPerEvent).toBeCloseTo(eventsPerUser, 6)
      // A time of 8 bytes and an item at least, and less than the objects they were sent as.
      expect(bytesPerEvent).toBeGreaterThan(8)
      expect(bytesPerEvent).toBeLessThan(200)
    }
    expect(redis).toEqual({ skipped: 'no address of a Redis server was given' })
  })

  test('stops at an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    const measuring = measureSubjects({ numItems: [50], numUsers: 5, seed: 1 }, (subject) =>
      measureHistories(subject, { signal }),
    )
    await expect(measuring).rejects.toThrow('stopped')
  })
})
