import { drawVectors } from '@perennial/core/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { createExactVectorIndex, type ExactVectorIndexOptions } from './exact-vector-index.ts'
import type { VectorIndex } from './vector-index.ts'

const DIM = 64
const open: VectorIndex[] = []
afterAll(() => Promise.all(open.map((index) => index.close())))

async function create(
  vectors: Float32Array,
  options: Partial<ExactVectorIndexOptions> = {},
): Promise<VectorIndex> {
  const defaults = { dim: DIM, encoding: 'int8', numThreads: 2, inlineBytes: 0 } as const
  const index = await createExactVectorIndex(vectors, { ...defaults, ...options })
  open.push(index)
  return index
}

describe('createExactVectorIndex', () => {
  test.each([
    ['clustered vectors', { numClusters: 100, lengthSpread: 0 }],
    ['vectors of very different length', { numClusters: 100, lengthSpread: 1 }],
    ['noise', { numClusters: 0, lengthSpread: 0 }],
  ])('finds 99 %% of the best hundred in int8, of %s', async (_, kind) => {
    const { vectors, queries } = drawVectors({
      ...{ numItems: 20_000, dim: DIM, numQueries: 20, seed: 1, ...kind },
    })
    const [int8, float32] = await Promise.all([
      create(vectors),
      create(vectors, { encoding: 'float32' }),
    ])
    let hits = 0
    for (const query of queries) {
      const found = await int8.search(query, 100)
      const rows = new Set((await float32.search(query, 100)).itemRows)
      hits += found.itemRows.filter((row) => rows.has(row)).length
    }
    expect(hits / (100 * queries.length)).toBeGreaterThan(0.99)
  })

  test.each(['float32', 'int8'] as const)(
    'gives the same in %s on the calling thread, in one thread and in three at once',
    async (encoding) => {
      const { vectors, queries } = drawVectors({
        ...{ numItems: 30_000, dim: 32, numClusters: 9, lengthSpread: 1, numQueries: 12, seed: 2 },
      })
      const options = { encoding, dim: 32 }
      const inline = await create(vectors, { ...options, inlineBytes: 2 ** 30 })
      const one = await create(vectors, { ...options, numThreads: 1 })
      const three = await create(vectors, { ...options, numThreads: 3 })
      expect([inline, one, three].map((index) => index.statistics().numThreads)).toEqual([0, 1, 3])
      const allowed = Uint8Array.from({ length: 30_001 }, (_, row) => (row % 3 === 0 ? 1 : 0))
      const ask = (index: VectorIndex) =>
        Promise.all(
          queries.flatMap((query) => [
            index.search(query, 70),
            index.search(query, 7, { allowed }),
            index.searchExactly(query, 500),
          ]),
        )
      const expected = await ask(inline)
      expect(await ask(one)).toEqual(expected)
      expect(await ask(three)).toEqual(expected)
      expect(three.statistics()).toMatchObject({ numSearches: 36, numPending: 0, numRebuilds: 0 })
    },
  )

  test('takes at most 120 bytes an item in int8, and does not keep what it is given', async () => {
    const numItems = 40_000
    const vectors = new Float32Array((numItems + 1) * DIM).fill(0.5)
    const index = await create(vectors)
    vectors.fill(-9)
    expect(index).toMatchObject({ kind: 'exact-int8', numItems, dim: DIM, numTombstones: 0 })
    expect(index.memoryBytes / numItems).toBeLessThan(120)
    expect(index.memoryBytes / numItems).toBeGreaterThan(100)
    const query = new Float32Array(DIM).fill(1)
    expect((await index.search(query, 1)).scores[0]).toBeCloseTo(0.5 * DIM, 2)
  })

  test('grows past its first segments while searches go on', async () => {
    const { vectors, queries } = drawVectors({
      ...{ numItems: 5000, dim: 8, numClusters: 0, lengthSpread: 0, numQueries: 5, seed: 6 },
    })
    const index = await create(vectors.subarray(0, 11 * 8), { dim: 8 })
    const whole = await create(vectors, { dim: 8 })
    const searches: Promise<unknown>[] = []
    for (let row = 11; row <= 5000; row++) {
      index.set(row, vectors.subarray(row * 8, (row + 1) * 8))
      if (row % 100 === 0) searches.push(index.search(queries[0] as Float32Array, 20))
    }
    await Promise.all(searches)
    for (const query of queries)
      expect(await index.search(query, 30)).toEqual(await whole.search(query, 30))
  })

  test('finds what is there however often items change beside searches', async () => {
    const { vectors, queries } = drawVectors({
      ...{ numItems: 20_000, dim: 16, numClusters: 0, lengthSpread: 0, numQueries: 1, seed: 8 },
    })
    const index = await create(vectors, { dim: 16 })
    const [query] = queries as [Float32Array]
    const before = await index.search(query, 50)
    const searches = Array.from({ length: 60 }, async (_, i) => {
      const found = index.search(query, 50)
      // What is set is what was there, and rows that are never in the answer come and go.
      const row = before.itemRows[i % 50] as number
      index.set(row, vectors.subarray(row * 16, (row + 1) * 16))
      return found
    })
    for (const found of await Promise.all(searches))
      expect(found.itemRows.filter((row) => before.itemRows.includes(row)).length).toBeGreaterThan(
        45,
      )
    expect(await index.search(query, 50)).toEqual(before)
  })

  test('counts what was removed', async () => {
    const index = await create(new Float32Array(4 * DIM).fill(1))
    index.remove(2)
    index.remove(2)
    expect(index).toMatchObject({ numItems: 3, numTombstones: 1 })
    index.set(2, new Float32Array(DIM).fill(2))
    expect(index).toMatchObject({ numItems: 3, numTombstones: 0 })
    expect([...(await index.search(new Float32Array(DIM).fill(1), 9)).itemRows]).toEqual([2, 1, 3])
  })

  test('stops building when aborted', async () => {
    const signal = AbortSignal.abort()
    await expect(create(new Float32Array(64_000), { signal })).rejects.toThrow('aborted')
  })

  test.each([{ numThreads: 0 }, { numThreads: 17 }, { inlineBytes: -1 }, { dim: 0 }])(
    'refuses %o',
    async (options) => {
      await expect(create(new Float32Array(64), options)).rejects.toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    },
  )
})
