import { describe, expect, test } from 'vitest'
import { measureSubjects } from '../subject.ts'
import { INDEX_KINDS, type IndexStorage, measureIndex } from './measure-index.ts'

describe('measureIndex', () => {
  test('measures size, recall and time of each kind', async () => {
    const [measured] = await measureSubjects(
      { numItems: [600], numUsers: 2, seed: 1 },
      async ({ artifactFolder }) => {
        const indexes: Awaited<ReturnType<typeof measureIndex>>[] = []
        for (const kind of INDEX_KINDS) {
          indexes.push(await measureIndex(artifactFolder, { kind, seed: 1 }))
        }
        return indexes
      },
    )
    expect(measured?.map(({ kind }) => kind)).toEqual(INDEX_KINDS)
    const [float32, int8, hnsw] = measured as IndexStorage[]
    expect(float32).toMatchObject({ recallAt10: 1, recallAt100: 1 })
    expect(float32?.indexBytesPerItem).toBeGreaterThanOrEqual(64 * 4)
    expect(int8?.recallAt100).toBeGreaterThan(0.95)
    expect(int8?.indexBytesPerItem).toBeLessThan(float32?.indexBytesPerItem as number)
    if (hnsw !== undefined && 'skipped' in hnsw) expect(hnsw.skipped).toContain('hnswlib-node')
    else expect(hnsw?.recallAt10).toBeGreaterThan(0.95)
    for (const one of [float32, int8]) {
      expect(one?.searchP50Ms).toBeGreaterThan(0)
      expect(one?.searchP99Ms).toBeGreaterThanOrEqual(one?.searchP50Ms as number)
    }
  })
})
