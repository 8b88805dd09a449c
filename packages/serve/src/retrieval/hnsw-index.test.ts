import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawVectors } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireHnswlib } from './hnsw-graph.ts'
import { createHnswIndex, type HnswIndexOptions } from './hnsw-index.ts'
import type { VectorIndex } from './vector-index.ts'

const DIM = 16
const { vectors, queries } = drawVectors({
  ...{ numItems: 3000, dim: DIM, numClusters: 40, lengthSpread: 1, numQueries: 60, seed: 7 },
})
const isBuilt = (() => {
  try {
    requireHnswlib()
    return true
  } catch {
    return false
  }
})()

const open: VectorIndex[] = []
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-graph-'))
})
afterAll(async () => {
  await Promise.all(open.map((index) => index.close()))
  await rm(folder, { recursive: true })
})

async function create(
  options: Partial<HnswIndexOptions> = {},
  table = vectors,
): Promise<VectorIndex> {
  const index = await createHnswIndex(table, { dim: DIM, ...options })
  open.push(index)
  return index
}

async function findAll(index: VectorIndex): Promise<number[][]> {
  const found = await Promise.all(queries.map((query) => index.search(query, 10)))
  return found.map(({ itemRows }) => [...itemRows])
}

async function measureRecall(index: VectorIndex): Promise<number> {
  const found = await findAll(index)
  let hits = 0
  for (const [i, query] of queries.entries()) {
    const { itemRows } = await index.searchExactly(query, 10)
    hits += itemRows.filter((row) => found[i]?.includes(row)).length
  }
  return hits / (10 * queries.length)
}

describe.skipIf(!isBuilt)('createHnswIndex (skipped when hnswlib-node is not built)', () => {
  test.each([0, 1])(
    'finds 95 %% of the best of vectors with lengths spread by %d',
    async (spread) => {
      const { vectors: table } = drawVectors({
        ...{ numItems: 3000, dim: DIM, numClusters: 40, numQueries: 0, seed: 7 },
        lengthSpread: spread,
      })
      expect(await measureRecall(await create({}, table))).toBeGreaterThan(0.95)
    },
  )

  test('gives the same answers for the same seed', async () => {
    const options = { seed: 3, numNeighbors: 4, buildWidth: 10, searchWidth: 10 }
    const [first, second] = await Promise.all([create(options), create(options)])
    expect(await findAll(first)).toEqual(await findAll(second))
  })

  test.each([
    ['numNeighbors', { numNeighbors: 2 }],
    ['buildWidth', { buildWidth: 4 }],
    ['searchWidth', { searchWidth: 400 }],
    ['seed', { seed: 9 }],
  ])('%s changes what is found', async (_, option) => {
    const narrow = { numNeighbors: 4, buildWidth: 10, searchWidth: 10 }
    const [before, after] = await Promise.all([create(narrow), create({ ...narrow, ...option })])
    expect(await findAll(after)).not.toEqual(await findAll(before))
  })

  test('reads the graph of the same vectors and options from its file, and no other', async () => {
    const graphFile = join(folder, 'graph.hnsw')
    const built = await create({ graphFile })
    const { mtimeMs, size } = await stat(graphFile)
    expect(size).toBeGreaterThan(3000 * 4 * DIM)
    const loaded = await create({ graphFile, searchWidth: 400 })
    expect((await stat(graphFile)).mtimeMs).toBe(mtimeMs)
    expect(await findAll(loaded)).toEqual(await findAll(built))
    loaded.set(
      3001,
      (queries[0] as Float32Array).map((value) => 100 * value),
    )
    expect((await loaded.search(queries[0] as Float32Array, 1)).itemRows[0]).toBe(3001)
    const key = await readFile(`${graphFile}.key`, 'utf8')
    const other = await create({ graphFile, seed: 2 })
    expect(await readFile(`${graphFile}.key`, 'utf8')).not.toBe(key)
    expect(await measureRecall(other)).toBeGreaterThan(0.95)
  })

  test('builds anew where the file is of another vectors or was cut off', async () => {
    const graphFile = join(folder, 'cut.hnsw')
    await create({ graphFile })
    const changed = vectors.map((value) => -value)
    expect(await measureRecall(await create({ graphFile }, changed))).toBeGreaterThan(0.95)
    await writeFile(graphFile, (await readFile(graphFile)).subarray(0, 5000))
    expect(await measureRecall(await create({ graphFile }, changed))).toBeGreaterThan(0.95)
  })

  test('is built anew beside searches when many items are removed, and then takes less', async () => {
    const index = await create({ rebuildShare: 0.3 })
    const { memoryBytes } = index
    for (let row = 1; row <= 900; row++) index.remove(row)
    expect(index.numTombstones).toBe(900)
    expect(index.statistics().numRebuilds).toBe(0)
    index.remove(901)
    // While it is built: one comes back, one goes, one is new.
    index.set(
      5,
      (queries[0] as Float32Array).map((value) => 50 * value),
    )
    index.remove(2000)
    index.set(
      3001,
      (queries[0] as Float32Array).map((value) => 60 * value),
    )
    while (index.statistics().numRebuilds === 0) {
      const { itemRows } = await index.search(queries[0] as Float32Array, 10)
      expect([...itemRows.subarray(0, 2)]).toEqual([3001, 5])
      expect(itemRows.some((row) => row === 2000 || (row < 902 && row !== 5))).toBe(false)
    }
    expect(index).toMatchObject({ numItems: 3001, numTombstones: 1 })
    expect(index.memoryBytes).toBe((memoryBytes * (3001 - 900)) / 3000)
    for (const rows of await findAll(index))
      expect(rows.some((row) => row === 2000 || (row < 902 && row !== 5))).toBe(false)
    expect(await measureRecall(index)).toBeGreaterThan(0.95)
    index.set(
      900,
      (queries[1] as Float32Array).map((value) => 50 * value),
    )
    expect((await index.search(queries[1] as Float32Array, 1)).itemRows[0]).toBe(900)
  })

  test('can be closed while it is built anew', async () => {
    const index = await create({ rebuildShare: 0 })
    index.remove(1)
    await index.close()
    await expect(index.search(queries[0] as Float32Array, 1)).rejects.toThrow(
      expect.objectContaining({ code: 'INDEX_UNAVAILABLE' }),
    )
  })

  test('stops building when aborted, at once and midway', async () => {
    await expect(create({ signal: AbortSignal.abort() })).rejects.toThrow('aborted')
    const controller = new AbortController()
    const building = create({ signal: controller.signal, buildWidth: 5000 })
    setTimeout(() => controller.abort(), 100)
    await expect(building).rejects.toThrow('aborted')
  })

  test.each([{ numNeighbors: 1 }, { buildWidth: 0 }, { searchWidth: 0 }, { rebuildShare: 2 }])(
    'refuses %o',
    async (options) => {
      await expect(create(options)).rejects.toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    },
  )
})
