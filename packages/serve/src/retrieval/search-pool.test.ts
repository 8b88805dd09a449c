import { describe, expect, test } from 'vitest'
import { compileKernels } from './kernels.ts'
import { JOB_BYTES, JOB_FIELDS } from './search-job.ts'
import { createSearchPool } from './search-pool.ts'
import { createVectorMemory } from './vector-memory.ts'

describe('createSearchPool', () => {
  test('says that a thread was lost, and refuses jobs from then on', async () => {
    const vectors = createVectorMemory()
    const job = vectors.allocate(JOB_BYTES)
    const wrong = { numChunks: 1, segmentsPerChunk: 1, numSegments: 1, shift: 10, width: 16, k: 1 }
    for (const [field, value] of Object.entries({ ...wrong, numKept: 1, capacity: 8 }))
      vectors.ints[job / 4 + JOB_FIELDS[field as keyof typeof JOB_FIELDS]] = value
    // Far beyond the end of the memory.
    vectors.ints[job / 4 + JOB_FIELDS.flags] = 0x7fff0000
    vectors.ints[job / 4 + JOB_FIELDS.parts] = vectors.allocate(1024)
    vectors.ints[job / 4 + JOB_FIELDS.memoryBytes] = vectors.bytes.byteLength
    let lost = (): void => undefined
    const isLost = new Promise<void>((resolve) => {
      lost = resolve
    })
    const pool = await createSearchPool({
      memory: vectors.memory,
      module: await compileKernels(),
      numThreads: 1,
      onFailure: lost,
    })
    const submit = (): Promise<unknown> =>
      new Promise((resolve, onError) => {
        pool.submit({ job, numChunks: 1, onDone: resolve, onFree: () => undefined, onError })
      })
    const unavailable = expect.objectContaining({ code: 'INDEX_UNAVAILABLE' })
    await expect(submit()).rejects.toThrow(unavailable)
    await isLost
    await expect(submit()).rejects.toThrow(unavailable)
    await pool.close()
  })
})
