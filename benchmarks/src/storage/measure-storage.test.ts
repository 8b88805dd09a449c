import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { measureSubjects } from '../subject.ts'
import { measureStorage } from './measure-storage.ts'

describe('measureStorage', () => {
  test('measures files, indexes, events and users', async () => {
    const [measured] = await measureSubjects(
      { numItems: [1000], numUsers: 1000, seed: 1 },
      async (subject) => {
        const sizes = await measureStorage(subject, { seed: 1, kinds: ['exact-float32'] })
        const events = await stat(join(subject.datasetFolder, 'events.arrow'))
        expect(sizes.event.fileBytes).toBe(events.size)
        expect(sizes.event.numEvents).toBe(subject.events.userRows.length)
        return sizes
      },
    )
    const { artifact, item, indexes, event, user } = measured as NonNullable<typeof measured>
    const files = Object.values(artifact.bytesByFile)
    expect(Object.keys(artifact.bytesByFile)).toEqual([
      'encoder.onnx',
      'items.arrow',
      'manifest.json',
    ])
    expect(artifact.bytes).toBe(files.reduce((sum, bytes) => sum + bytes, 0))
    expect(artifact.load.loadMs).toBeGreaterThan(0)
    expect(artifact.load.readyMs).toBeGreaterThanOrEqual(artifact.load.loadMs)

    // 64 floats, one float of popularity, one bit; the frame of the file is small beside them.
    const vectorBytes = 64 * 4 + 4 + 1 / 8
    expect(Math.abs(item.vectorFileBytesPerItem - vectorBytes)).toBeLessThan(2)
    expect(item.attributeFileBytesPerItem).toBeGreaterThan('sku-00000001'.length)
    expect(item.attributeMemoryBytesPerItem).toBeGreaterThan('sku-00000001'.length)
    expect(indexes.hnsw).toEqual({ kind: 'hnsw', skipped: 'not asked for' })

    // Three int32 keys, a 64-bit time, two floats and a bit that says whether the price is known.
    const eventBytes = 3 * 4 + 8 + 2 * 4
    expect(event.fileBytesPerEvent).toBe(event.fileBytes / event.numEvents)
    expect(event.fileBytesPerEvent).toBeGreaterThan(eventBytes)
    expect(event.fileBytesPerEvent).toBeLessThan(eventBytes + 3)

    expect(user.numUsers).toBe(1000)
    expect(user.eventsPerUser).toBe(event.numEvents / 1000)
    for (const { bytesPerUser, bytesPerEvent } of [user.memory, user.lmdb]) {
      expect(bytesPerUser / bytesPerEvent).toBeCloseTo(user.eventsPerUser, 6)
      // A time and an item id at least, and less than the objects they were sent as.
      expect(bytesPerEvent).toBeGreaterThan(8)
      expect(bytesPerEvent).toBeLessThan(200)
    }
    expect(user.redis).toEqual({ skipped: 'no address of a Redis server was given' })
    // The query alone has 64 floats.
    expect(user.cache.numUsers).toBe(500)
    expect(user.cache.heapBytesPerUser).toBeGreaterThan(64 * 4)
  })

  test('takes indexes and the time of a start from the functions given', async () => {
    const load = { loadMs: 1, readyMs: 2, residentBytes: 3, indexKind: 'exact-int8' }
    const [measured] = await measureSubjects({ numItems: [50], numUsers: 5, seed: 1 }, (subject) =>
      measureStorage(subject, {
        seed: 1,
        measureOneIndex: async (_, { kind }) => ({ kind, skipped: 'not today' }),
        measureOneLoad: async () => load,
      }),
    )
    expect(measured?.indexes['exact-int8']).toEqual({ kind: 'exact-int8', skipped: 'not today' })
    expect(measured?.artifact.load).toEqual(load)
  })

  test('stops at an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    const measuring = measureSubjects({ numItems: [50], numUsers: 5, seed: 1 }, (subject) =>
      measureStorage(subject, { seed: 1, signal }),
    )
    await expect(measuring).rejects.toThrow('stopped')
  })
})
