import { afterAll, describe, expect, test } from 'vitest'
import { type ChooseIndexOptions, chooseIndex } from './choose-index.ts'
import { requireHnswlib } from './hnsw-graph.ts'
import type { VectorIndex } from './vector-index.ts'

const vectors = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1)
const isBuilt = (() => {
  try {
    requireHnswlib()
    return true
  } catch {
    return false
  }
})()

const open: VectorIndex[] = []
afterAll(() => Promise.all(open.map((index) => index.close())))

async function choose(options: Omit<ChooseIndexOptions, 'dim'>): Promise<VectorIndex> {
  const index = await chooseIndex(vectors, { dim: 2, ...options })
  open.push(index)
  return index
}

describe('chooseIndex', () => {
  test.each([
    ['auto', 3, 'exact-float32'],
    ['auto', 2, 'exact-int8'],
    ['exact', 3, 'exact-float32'],
    ['exact', 2, 'exact-int8'],
    ['exact-float32', 0, 'exact-float32'],
    ['exact-int8', 3, 'exact-int8'],
  ] as const)('takes for %s with floats up to %d items %s', async (index, float32Limit, kind) => {
    const chosen = await choose({ index, float32Limit })
    expect(chosen.kind).toBe(kind)
    expect([...(await chosen.search(Float32Array.of(1, 2), 2)).itemRows]).toEqual([3, 2])
  })

  test.skipIf(!isBuilt)('builds a graph when asked to', async () => {
    const chosen = await choose({ index: 'hnsw' })
    expect(chosen.kind).toBe('hnsw')
    expect([...(await chosen.search(Float32Array.of(1, 2), 2)).itemRows]).toEqual([3, 2])
  })

  test.skipIf(isBuilt)('refuses hnsw without hnswlib-node', async () => {
    await expect(choose({ index: 'hnsw' })).rejects.toThrow(
      expect.objectContaining({ code: 'INDEX_UNAVAILABLE' }),
    )
  })

  test('samples recall where something can be missed', async () => {
    const int8 = await choose({ index: 'exact-int8', recallShare: 1 })
    await int8.search(Float32Array.of(1, 2), 2)
    await expect.poll(() => int8.sampledRecall?.()).toEqual({ recall: 1, numSearches: 1 })
    expect((await choose({ recallShare: 1 })).sampledRecall).toBeUndefined()
  })

  test.each([
    { index: 'flat' as 'exact' },
    { float32Limit: -1 },
    { numThreads: 0 },
    { recallShare: 2 },
  ])('refuses %o', async (options) => {
    await expect(choose(options)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
