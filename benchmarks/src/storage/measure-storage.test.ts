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
        const sizes = await measureStorage(subject)
        const events = await stat(join(subject.datasetFolder, 'events.arrow'))
        expect(sizes.event.fileBytes).toBe(events.size)
        expect(sizes.event.numEvents).toBe(subject.events.userRows.length)
        return sizes
      },
    )
    const { artifact, item, event, user } = measured as NonNullable<typeof measured>
    const files = Object.values(artifact.bytesByFile)
    expect(Object.keys(artifact.bytesByFile)).toEqual([
      'encoder.onnx',
      'items.arrow',
      'manifest.json',
    ])
    expect(artifact.bytes).toBe(files.reduce((sum, bytes) => sum + bytes, 0))
    expect(artifact.loadMs).toBeGreaterThan(0)

    // 64 floats, one float of popularity, one bit; the frame of the file is small beside them.
    const vectorBytes = 64 * 4 + 4 + 1 / 8
    expect(Math.abs(item.vectorFileBytesPerItem - vectorBytes)).toBeLessThan(2)
    expect(item.attributeFileBytesPerItem).toBeGreaterThan('sku-00000001'.length)
    // Vectors and scores, the padding row among them.
    expect(item.exactIndexBytesPerItem).toBeCloseTo((1001 * 65 * 4) / 1000, 6)
    if ('skipped' in item.hnsw) expect(item.hnsw.skipped).toContain('hnswlib-node')
    else expect(item.hnsw.indexBytesPerItem).toBeGreaterThan(2 * 64 * 4)

    // Three int32 keys, a 64-bit time, two floats and a bit that says whether the price is known.
    const eventBytes = 3 * 4 + 8 + 2 * 4
    expect(event.fileBytesPerEvent).toBe(event.fileBytes / event.numEvents)
    expect(event.fileBytesPerEvent).toBeGreaterThan(eventBytes)
    expect(event.fileBytesPerEvent).toBeLessThan(eventBytes + 3)

    expect(user.numUsers).toBe(1000)
    expect(user.eventsPerUser).toBe(event.numEvents / 1000)
    expect(user.heapBytesPerUser / user.heapBytesPerEvent).toBeCloseTo(user.eventsPerUser, 6)
    // An event holds a pointer, a boxed double and a number in an object of a slot each, and lies in a list.
    expect(user.heapBytesPerEvent).toBeGreaterThan(32)
    expect(user.heapBytesPerEvent).toBeLessThan(200)
  })

  test('takes the size of the graph from the function given', async () => {
    const [measured] = await measureSubjects({ numItems: [50], numUsers: 5, seed: 1 }, (subject) =>
      measureStorage(subject, { measureGraph: async () => ({ skipped: 'not today' }) }),
    )
    expect(measured?.item.hnsw).toEqual({ skipped: 'not today' })
  })

  test('stops at an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    const measuring = measureSubjects({ numItems: [50], numUsers: 5, seed: 1 }, (subject) =>
      measureStorage(subject, { signal }),
    )
    await expect(measuring).rejects.toThrow('stopped')
  })
})
