import { createRng, type SearchResult } from '@perennial/core'
import { drawVectors, indexCases } from '@perennial/core/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { createExactVectorIndex } from './exact-vector-index.ts'
import { requireHnswlib } from './hnsw-graph.ts'
import { createHnswIndex } from './hnsw-index.ts'
import type { VectorIndex } from './vector-index.ts'

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

/** Every kind of index, those that scan both on the calling thread and in others. */
const KINDS = [
  { name: 'exact-float32', encoding: 'float32', inlineBytes: undefined },
  { name: 'exact-float32 in threads', encoding: 'float32', inlineBytes: 0 },
  { name: 'exact-int8', encoding: 'int8', inlineBytes: undefined },
  { name: 'exact-int8 in threads', encoding: 'int8', inlineBytes: 0 },
  ...(isBuilt ? [{ name: 'hnsw', encoding: 'graph', inlineBytes: undefined } as const] : []),
] as const

describe.each(KINDS)('$name', ({ encoding, inlineBytes }) => {
  async function create(vectors: Float32Array, dim: number): Promise<VectorIndex> {
    const index =
      encoding === 'graph'
        ? await createHnswIndex(vectors, { dim })
        : await createExactVectorIndex(vectors, { dim, encoding, numThreads: 2, inlineBytes })
    open.push(index)
    return index
  }

  // A graph leaves some out, the more so of items in a line.
  const leastRecall = encoding === 'graph' ? 0.6 : 0.95
  const lengths = encoding === 'graph' ? [16, 17, 64] : [1, 3, 4, 16, 17, 64]

  test.each(lengths)('finds the right items for vectors of length %d', async (dim) => {
    const { vectors, searches } = indexCases({ numItems: 200, dim, numQueries: 8, seed: dim })
    const index = await create(vectors, dim)
    for (const { query, k, itemRows, scores, ...options } of searches) {
      const found = await index.search(query, k, options)
      expectSameItems(found, { itemRows, scores }, 0.002 * Math.sqrt(dim))
      if (encoding === 'float32') expect(found.itemRows).toEqual(itemRows)
      const exact = await index.searchExactly(query, k, options)
      expectSameItems(exact, { itemRows, scores }, 0.002 * Math.sqrt(dim))
    }
  })

  test('gives equal scores in order of item row', async () => {
    const index = await create(new Float32Array(40).fill(1), 1)
    const rows = [...(await index.search(Float32Array.of(1), 5)).itemRows]
    expect(rows).toEqual(encoding === 'graph' ? rows.toSorted((a, b) => a - b) : [1, 2, 3, 4, 5])
    expect((await index.search(Float32Array.of(-1), 39)).itemRows).toHaveLength(39)
  })

  test('finds nothing where nothing is allowed, wanted or there', async () => {
    const index = await create(new Float32Array(10).fill(1), 1)
    const none = { itemRows: new Int32Array(0), scores: new Float32Array(0) }
    const query = Float32Array.of(1)
    expect(await index.search(query, 3, { allowed: new Uint8Array(10) })).toEqual(none)
    expect(await index.search(query, 0)).toEqual(none)
    const empty = await create(Float32Array.of(7), 1)
    expect(await empty.search(query, 3)).toEqual(none)
    empty.set(1, Float32Array.of(2))
    expect(await empty.search(query, 3)).toEqual({
      itemRows: Int32Array.of(1),
      scores: Float32Array.of(2),
    })
  })

  test('finds items of negative score, and vectors of zeros', async () => {
    const index = await create(Float32Array.of(9, -3, 0, -1), 1)
    const { itemRows, scores } = await index.search(Float32Array.of(2), 9)
    expect([...itemRows]).toEqual([2, 3, 1])
    expect([...scores].map((score) => Math.round(1000 * score))).toEqual([0, -2000, -6000])
  })

  test('answers as an exact scan would, however few items a filter leaves', async () => {
    const numItems = 3000
    const dim = 16
    const { vectors, queries } = drawVectors({
      ...{ numItems, dim, numClusters: 20, lengthSpread: 0.5, numQueries: 5, seed: 3 },
    })
    const index = await create(vectors, dim)
    for (const step of [1, 2, 5, 20, 100, 1000]) {
      const isAllowed = (row: number): boolean => row % step === 0
      const allowed = Uint8Array.from({ length: numItems + 1 }, (_, row) =>
        isAllowed(row) ? 2 : 0,
      )
      const recalls: number[] = []
      for (const query of queries) {
        const found = await index.search(query, 20, { allowed })
        expect(found.itemRows.every(isAllowed)).toBe(true)
        recalls.push(
          measureRecall(found, searchNaively(readAll(vectors, dim), query, 20, isAllowed)),
        )
      }
      expect(recalls.reduce((sum, recall) => sum + recall) / recalls.length).toBeGreaterThan(
        leastRecall,
      )
    }
  })

  test('follows items that are added, replaced, removed and brought back', async () => {
    const dim = 8
    const rng = createRng(11)
    const draw = (): Float32Array => Float32Array.from({ length: dim }, () => rng.nextNormal())
    const model: (Float32Array | undefined)[] = [undefined, draw(), draw(), draw()]
    const vectors = new Float32Array(4 * dim)
    for (let row = 1; row <= 3; row++) vectors.set(model[row] as Float32Array, row * dim)
    const index = await create(vectors, dim)
    for (let step = 0; step < 1500; step++) {
      const known = 1 + rng.nextInt(model.length - 1)
      const action = rng.nextInt(3)
      if (action === 0) {
        index.remove(known)
        model[known] = undefined
      } else {
        const itemRow = action === 1 ? known : model.length
        const vector = draw()
        index.set(itemRow, vector)
        model[itemRow] = vector
      }
      if (step % 100 > 0) continue
      expect(index.numItems).toBe(model.length - 1)
      const query = draw()
      const found = await index.search(query, 10)
      expect(measureRecall(found, searchNaively(model, query, 10))).toBeGreaterThan(
        leastRecall - 0.1,
      )
    }
    const numRemoved = model.filter((vector, row) => row > 0 && vector === undefined).length
    expect(numRemoved).toBeGreaterThan(50)
    if (encoding !== 'graph') expect(index.numTombstones).toBe(numRemoved)
    const all = await index.search(draw(), model.length)
    expect(all.itemRows).toHaveLength(model.length - 1 - numRemoved)
  })

  test('reads vectors back and scores them as a search does', async () => {
    const dim = 20
    const { vectors, queries } = drawVectors({
      ...{ numItems: 300, dim, numClusters: 0, lengthSpread: 1, numQueries: 1, seed: 4 },
    })
    const [query] = queries as [Float32Array]
    const index = await create(vectors, dim)
    const target = new Float32Array(dim + 2).fill(7)
    for (let row = 1; row <= 300; row++) {
      index.readVector(row, target, 1)
      const expected = vectors.subarray(row * dim, (row + 1) * dim)
      const tolerance = 0.0005 * Math.max(...expected.map(Math.abs))
      expected.forEach((value, d) => {
        expect(Math.abs((target[1 + d] as number) - value)).toBeLessThanOrEqual(tolerance)
      })
    }
    expect([target[0], target[dim + 1]]).toEqual([7, 7])
    index.readVector(0, target)
    expect([...target.subarray(0, dim)]).toEqual(new Array(dim).fill(0))
    const { itemRows, scores } = await index.search(query, 50)
    itemRows.forEach((row, i) => {
      const score = index.score(query, row)
      if (encoding === 'graph') expect(score).toBeCloseTo(scores[i] as number, 3)
      else expect(score).toBe(scores[i])
    })
  })

  test('refuses what is no vector, no row and no filter', async () => {
    const index = await create(Float32Array.of(0, 0, 1, 0, 0, 1), 2)
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' })
    const unknown = expect.objectContaining({ code: 'UNKNOWN_ITEM' })
    const query = Float32Array.of(1, 2)
    await expect(index.search(Float32Array.of(1), 1)).rejects.toThrow(mismatch)
    await expect(index.search(Float32Array.of(1, Number.NaN), 1)).rejects.toThrow(mismatch)
    const allowed = new Uint8Array(2)
    await expect(index.search(query, 1, { allowed })).rejects.toThrow(mismatch)
    await expect(index.search(query, -1)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => index.score(Float32Array.of(1, Infinity), 1)).toThrow(mismatch)
    expect(() => index.set(1, Float32Array.of(1, Number.NaN))).toThrow(mismatch)
    expect(() => index.set(3, Float32Array.of(1, Infinity))).toThrow(mismatch)
    for (const row of [0, -1, 4, 1.5, Number.NaN]) {
      expect(() => index.set(row, query)).toThrow(unknown)
      expect(() => index.remove(row)).toThrow(unknown)
      expect(() => index.score(query, row || -1)).toThrow(unknown)
    }
    expect([...(await index.search(query, 5)).itemRows]).toEqual([2, 1])
    await expect(create(Float32Array.of(0, 0, 1, Infinity), 2)).rejects.toThrow(
      'Expected finite item vectors, got Infinity in item row 1, column 1.',
    )
    await expect(create(new Float32Array(3), 2)).rejects.toThrow(mismatch)
    await expect(create(new Float32Array(0), 2)).rejects.toThrow(mismatch)
  })

  test('rejects what is under way when it closes, and everything after', async () => {
    const { vectors, queries } = drawVectors({
      ...{ numItems: 20_000, dim: 32, numClusters: 0, lengthSpread: 0, numQueries: 1, seed: 5 },
    })
    const few = encoding === 'graph' ? vectors.subarray(0, 500 * 32) : vectors
    const index = await create(few, 32)
    const [query] = queries as [Float32Array]
    const unavailable = expect.objectContaining({ code: 'INDEX_UNAVAILABLE' })
    const searches = Array.from({ length: 30 }, () => index.search(query, 10))
    const settled = Promise.allSettled(searches)
    await index.close()
    for (const result of await settled) {
      if (result.status === 'rejected') expect(result.reason).toEqual(unavailable)
      else expect(result.value.itemRows).toHaveLength(10)
    }
    await expect(index.search(query, 10)).rejects.toThrow(unavailable)
    await index.close()
  })
})

function readAll(vectors: Float32Array, dim: number): (Float32Array | undefined)[] {
  return Array.from({ length: vectors.length / dim }, (_, row) =>
    row === 0 ? undefined : vectors.subarray(row * dim, (row + 1) * dim),
  )
}

function searchNaively(
  model: readonly (Float32Array | undefined)[],
  query: Float32Array,
  k: number,
  isAllowed: (itemRow: number) => boolean = () => true,
): SearchResult {
  const found = model.flatMap((vector, itemRow) =>
    vector === undefined || !isAllowed(itemRow)
      ? []
      : [
          {
            itemRow,
            score: vector.reduce((sum, value, d) => sum + value * (query[d] as number), 0),
          },
        ],
  )
  const best = found.sort((a, b) => b.score - a.score).slice(0, k)
  return {
    itemRows: Int32Array.from(best, ({ itemRow }) => itemRow),
    scores: Float32Array.from(best, ({ score }) => score),
  }
}

/** Expects as many items, place by place of almost the same score: what is that close may change places. */
function expectSameItems(found: SearchResult, right: SearchResult, tolerance: number): void {
  expect(found.itemRows).toHaveLength(right.itemRows.length)
  expect(new Set(found.itemRows).size).toBe(found.itemRows.length)
  expect(found.itemRows.includes(0)).toBe(false)
  found.scores.forEach((score, i) => {
    expect(Math.abs(score - (right.scores[i] as number))).toBeLessThanOrEqual(tolerance)
  })
}

/** Returns the share of the right items found; there must be as many, in order of score. */
function measureRecall(found: SearchResult, right: SearchResult): number {
  expect(found.itemRows).toHaveLength(right.itemRows.length)
  expect([...found.scores]).toEqual([...found.scores].sort((a, b) => b - a))
  const hits = right.itemRows.filter((row) => found.itemRows.includes(row)).length
  return right.itemRows.length === 0 ? 1 : hits / right.itemRows.length
}
