import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { chooseIndex } from './choose-index.ts'

const vectors = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1)
const isBuilt = (() => {
  try {
    createRequire(import.meta.url)('hnswlib-node')
    return true
  } catch {
    return false
  }
})()

describe('chooseIndex', () => {
  test('scans up to exactLimit items', async () => {
    const { index, note } = await chooseIndex(vectors, { dim: 2, exactLimit: 3 })
    expect(index.kind).toBe('exact')
    expect(note).toBeUndefined()
    expect([...index.search(Float32Array.of(1, 2), 2).itemRows]).toEqual([3, 2])
  })

  test.skipIf(!isBuilt)('builds a graph above exactLimit, or when asked to', async () => {
    const [above, asked] = await Promise.all([
      chooseIndex(vectors, { dim: 2, exactLimit: 2 }),
      chooseIndex(vectors, { dim: 2, index: 'hnsw' }),
    ])
    expect([above.index.kind, asked.index.kind]).toEqual(['hnsw', 'hnsw'])
  })

  test.skipIf(isBuilt)(
    'falls back from auto with a note, and refuses hnsw, without hnswlib-node',
    async () => {
      const { index, note } = await chooseIndex(vectors, { dim: 2, exactLimit: 2 })
      expect(index.kind).toBe('exact')
      expect(note).toContain('hnswlib-node')
      await expect(chooseIndex(vectors, { dim: 2, index: 'hnsw' })).rejects.toThrow(
        expect.objectContaining({ code: 'INDEX_UNAVAILABLE' }),
      )
    },
  )

  test('scans any size when asked to', async () => {
    const { index } = await chooseIndex(vectors, { dim: 2, index: 'exact', exactLimit: 0 })
    expect(index.kind).toBe('exact')
  })

  test('refuses options out of range', async () => {
    const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })
    await expect(chooseIndex(vectors, { dim: 2, index: 'flat' as 'exact' })).rejects.toThrow(
      invalid,
    )
    await expect(chooseIndex(vectors, { dim: 2, exactLimit: -1 })).rejects.toThrow(invalid)
  })
})
