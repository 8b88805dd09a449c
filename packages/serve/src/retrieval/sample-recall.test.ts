import { drawVectors } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createExactVectorIndex } from './exact-vector-index.ts'
import { requireHnswlib } from './hnsw-graph.ts'
import { createHnswIndex } from './hnsw-index.ts'
import { sampleRecall } from './sample-recall.ts'
import type { VectorIndex } from './vector-index.ts'

const { vectors, queries } = drawVectors({
  ...{ numItems: 2000, dim: 8, numClusters: 0, lengthSpread: 0, numQueries: 20, seed: 1 },
})
const isBuilt = (() => {
  try {
    requireHnswlib()
    return true
  } catch {
    return false
  }
})()

describe('sampleRecall', () => {
  let exact: VectorIndex
  beforeAll(async () => {
    exact = await createExactVectorIndex(vectors, { dim: 8, encoding: 'int8', numThreads: 1 })
  })
  afterAll(() => exact.close())

  test.skipIf(!isBuilt)('measures the share of the right items that searches find', async () => {
    const narrow = { numNeighbors: 2, buildWidth: 4, searchWidth: 1 }
    const graph = await createHnswIndex(vectors, { dim: 8, ...narrow })
    const index = sampleRecall(graph, { share: 1 })
    expect(index.sampledRecall?.()).toBeUndefined()
    let sum = 0
    for (const [i, query] of queries.entries()) {
      const { itemRows } = await index.search(query, 10)
      const right = await exact.searchExactly(query, 10)
      sum += right.itemRows.filter((row) => itemRows.includes(row)).length / 10
      await expect.poll(() => index.sampledRecall?.()?.numSearches).toBe(i + 1)
    }
    expect(sum).toBeLessThan(19)
    expect(index.sampledRecall?.()?.recall).toBeCloseTo(sum / 20, 2)
    await index.close()
  })

  test('samples about the share asked for, and none of none', async () => {
    const half = sampleRecall(exact, { share: 0.5, seed: 3 })
    const none = sampleRecall(exact, { share: 0 })
    for (let i = 0; i < 40; i++) {
      await half.search(queries[0] as Float32Array, 10)
      await none.search(queries[0] as Float32Array, 10)
      // What is compared meanwhile keeps others from being sampled.
      await exact.searchExactly(queries[0] as Float32Array, 10)
    }
    const { recall = 0, numSearches = 0 } = half.sampledRecall?.() ?? {}
    expect(recall).toBe(1)
    expect(numSearches).toBeGreaterThan(10)
    expect(numSearches).toBeLessThan(30)
    expect(none.sampledRecall?.()).toBeUndefined()
  })

  test('leaves out a search during which an item changed', async () => {
    const index = sampleRecall(exact, { share: 1 })
    const searching = index.search(queries[0] as Float32Array, 10)
    index.set(1, vectors.subarray(8, 16))
    await searching
    await exact.searchExactly(queries[0] as Float32Array, 10)
    expect(index.sampledRecall?.()).toBeUndefined()
    await index.search(queries[0] as Float32Array, 10)
    await expect.poll(() => index.sampledRecall?.()).toEqual({ recall: 1, numSearches: 1 })
  })

  test('is an index like the one that it measures', async () => {
    const index = sampleRecall(exact)
    const [query] = queries as [Float32Array]
    expect(await index.search(query, 5)).toEqual(await exact.search(query, 5))
    expect(index.score(query, 7)).toBe(exact.score(query, 7))
    expect([index.kind, index.numItems, index.dim]).toEqual(['exact-int8', 2000, 8])
    index.remove(2000)
    expect(index.numTombstones).toBe(1)
    expect(index.memoryBytes).toBe(exact.memoryBytes)
    const [own, inner] = [new Float32Array(8), new Float32Array(8)]
    index.readVector(3, own)
    exact.readVector(3, inner)
    expect(own).toEqual(inner)
  })

  test('refuses a share beyond 1', () => {
    expect(() => sampleRecall(exact, { share: 1.5 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
