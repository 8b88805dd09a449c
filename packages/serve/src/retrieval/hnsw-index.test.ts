import { createRequire } from 'node:module'
import { createExactIndex, createRng, type ItemIndex } from '@perennial/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { createHnswIndex } from './hnsw-index.ts'

const NUM_ITEMS = 5000
const DIM = 16
const clusters = Array.from({ length: 40 }, (_, c) => drawNormal(DIM, 1, c))
const queries = Array.from({ length: 100 }, (_, i) => near(i, 1, 10_000 + i))

/** Clustered vectors whose lengths vary by `spread` (deviation of the logarithm). */
function drawItems(spread: number): Float32Array {
  const vectors = new Float32Array((NUM_ITEMS + 1) * DIM)
  for (let row = 1; row <= NUM_ITEMS; row++) {
    const length = Math.exp(spread * createRng(5, row).nextNormal())
    vectors.set(near(row, length, row), row * DIM)
  }
  return vectors
}

function near(cluster: number, length: number, stream: number): Float32Array {
  const center = clusters[cluster % clusters.length] as Float32Array
  return drawNormal(DIM, 0.5, 1000 + stream).map(
    (noise, d) => length * (noise + (center[d] as number)),
  )
}

function drawNormal(dim: number, deviation: number, stream: number): Float32Array {
  const rng = createRng(7, stream)
  return Float32Array.from({ length: dim }, () => deviation * rng.nextNormal())
}

/** Share of the exact answers that an index finds; each answer must be as long, and allowed. */
function measureRecall(
  index: ItemIndex,
  vectors: Float32Array,
  { k, allowed }: { k: number; allowed?: Uint8Array },
): number {
  const exact = createExactIndex(vectors, DIM)
  let hits = 0
  let total = 0
  for (const query of queries) {
    const expected = exact.search(query, k, { allowed }).itemRows
    const found = index.search(query, k, { allowed }).itemRows
    expect(found).toHaveLength(expected.length)
    expect(found.every((row) => allowed?.[row] !== 0)).toBe(true)
    hits += expected.filter((row) => found.includes(row)).length
    total += expected.length
  }
  return total === 0 ? 1 : hits / total
}

const isBuilt = (() => {
  try {
    createRequire(import.meta.url)('hnswlib-node')
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!isBuilt)('createHnswIndex (skipped when hnswlib-node is not built)', () => {
  const similar = drawItems(0)
  const varied = drawItems(1)
  let similarIndex: ItemIndex
  let variedIndex: ItemIndex
  beforeAll(async () => {
    similarIndex = await createHnswIndex(similar, { dim: DIM })
    variedIndex = await createHnswIndex(varied, { dim: DIM })
  })

  test('finds 95 % of the exact top 10, whether vectors are of similar or very different length', () => {
    for (const [index, vectors] of [
      [similarIndex, similar],
      [variedIndex, varied],
    ] as const) {
      expect(measureRecall(index, vectors, { k: 10 })).toBeGreaterThan(0.95)
    }
  })

  test('turns distances into inner products, best first', () => {
    const [query] = queries as [Float32Array]
    const { itemRows, scores } = similarIndex.search(query, 10)
    itemRows.forEach((row, i) => {
      let product = 0
      for (let d = 0; d < DIM; d++) {
        product += (query[d] as number) * (similar[row * DIM + d] as number)
      }
      expect(scores[i]).toBeCloseTo(product, 4)
    })
    expect([...scores]).toEqual([...scores].sort((a, b) => b - a))
  })

  test.each([
    ['half of the items', (row: number) => row % 2 === 0],
    ['one item in 500', (row: number) => row % 500 === 7],
    ['no item', () => false],
  ])('answers from %s like an exact scan', (_, isAllowed) => {
    const allowed = Uint8Array.from({ length: NUM_ITEMS + 1 }, (_, row) => (isAllowed(row) ? 1 : 0))
    expect(measureRecall(similarIndex, similar, { k: 20, allowed })).toBeGreaterThan(0.95)
  })

  test('returns every item when asked for more than there are', async () => {
    const index = await createHnswIndex(Float32Array.of(0, 0, 1, 0, 0, 2, 1, 1), { dim: 2 })
    const { itemRows, scores } = index.search(Float32Array.of(1, 2), 50)
    expect([...itemRows]).toEqual([2, 3, 1])
    expect([...scores]).toEqual([4, 3, 1])
    expect(index).toMatchObject({ kind: 'hnsw', numItems: 3, dim: 2 })
  })

  test('gives the same answers for the same seed', async () => {
    const options = { dim: DIM, seed: 3, numNeighbors: 4, buildWidth: 10, searchWidth: 10 }
    const [first, second] = await Promise.all([
      createHnswIndex(varied, options),
      createHnswIndex(varied, options),
    ])
    for (const query of queries) expect(first.search(query, 10)).toEqual(second.search(query, 10))
  })

  test.each([
    ['numNeighbors', { numNeighbors: 2 }],
    ['buildWidth', { buildWidth: 4 }],
    ['searchWidth', { searchWidth: 400 }],
    ['seed', { seed: 9 }],
  ])('%s changes what is found', async (_, option) => {
    const narrow = { dim: DIM, numNeighbors: 4, buildWidth: 10, searchWidth: 10 }
    const [before, after] = await Promise.all([
      createHnswIndex(varied, narrow),
      createHnswIndex(varied, { ...narrow, ...option }),
    ])
    const answers = (index: typeof before) =>
      queries.map((query) => [...index.search(query, 10).itemRows])
    expect(answers(after)).not.toEqual(answers(before))
  })

  test('refuses what would crash native code or be answered with nonsense', async () => {
    const index = await createHnswIndex(Float32Array.of(0, 0, 1, 0), { dim: 2 })
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' })
    expect(() => index.search(Float32Array.of(1), 1)).toThrow(mismatch)
    expect(() => index.search(Float32Array.of(1, Number.NaN), 1)).toThrow(mismatch)
    await expect(createHnswIndex(Float32Array.of(0, 0, 1, Infinity), { dim: 2 })).rejects.toThrow(
      mismatch,
    )
    await expect(
      createHnswIndex(Float32Array.of(0, 0), { dim: 2, numNeighbors: 1 }),
    ).rejects.toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  test('stops building when aborted', async () => {
    const signal = AbortSignal.abort()
    await expect(createHnswIndex(similar, { dim: DIM, signal })).rejects.toThrow('aborted')
  })
})
