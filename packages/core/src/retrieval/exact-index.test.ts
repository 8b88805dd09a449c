import { describe, expect, test } from 'vitest'
import { indexCases } from '../testing.ts'
import { createExactIndex } from './exact-index.ts'

describe('createExactIndex', () => {
  test.each([1, 3, 4, 7, 64])('finds the right items for vectors of length %d', (dim) => {
    const { vectors, searches } = indexCases({ numItems: 200, dim, numQueries: 8, seed: dim })
    const index = createExactIndex(vectors, dim)
    for (const { query, k, itemRows, scores, ...options } of searches) {
      const result = index.search(query, k, options)
      expect(result.itemRows).toEqual(itemRows)
      result.scores.forEach((score, i) => {
        expect(score).toBeCloseTo(scores[i] as number, 4)
      })
    }
  })

  test('says what it is', () => {
    const index = createExactIndex(new Float32Array(12), 4)
    expect(index).toMatchObject({ kind: 'exact', numItems: 2, dim: 4 })
    // 12 numbers of vectors and one score for each of the 3 rows.
    expect(index.memoryBytes).toBe(4 * 12 + 4 * 3)
  })

  test('gives equal scores in order of item row', () => {
    const index = createExactIndex(new Float32Array(10).fill(1), 1)
    expect(index.search(Float32Array.of(1), 3).itemRows).toEqual(Int32Array.of(1, 2, 3))
  })

  test('finds nothing where nothing is allowed', () => {
    const index = createExactIndex(new Float32Array(10).fill(1), 1)
    const { itemRows } = index.search(Float32Array.of(1), 3, { allowed: new Uint8Array(10) })
    expect(itemRows.length).toBe(0)
  })

  test.each([
    { vectors: new Float32Array(10), dim: 4, code: 'SHAPE_MISMATCH' },
    { vectors: new Float32Array(), dim: 4, code: 'SHAPE_MISMATCH' },
    { vectors: Float32Array.of(0, 0, 1, Number.NaN), dim: 2, code: 'SHAPE_MISMATCH' },
    { vectors: new Float32Array(10), dim: 0, code: 'INVALID_OPTION' },
  ])('refuses $vectors.length values of vectors of length $dim', ({ vectors, dim, code }) => {
    expect(() => createExactIndex(vectors, dim)).toThrow(expect.objectContaining({ code }))
  })

  test('names the place of a value that is not finite', () => {
    expect(() => createExactIndex(Float32Array.of(0, 0, 1, Infinity), 2)).toThrow(
      'Expected finite item vectors, got Infinity in item row 1, column 1.',
    )
  })
})

describe('checkSearch', () => {
  const index = createExactIndex(new Float32Array(6), 2)

  test.each([
    [Float32Array.of(1), 'got 1 numbers'],
    [Float32Array.of(1, Number.NaN), 'got NaN in column 1'],
  ])('refuses query %s', (query, message) => {
    expect(() => index.search(query, 1)).toThrow(
      expect.objectContaining({
        code: 'SHAPE_MISMATCH',
        message: expect.stringContaining(message),
      }),
    )
  })

  test('refuses a bitmap of another length', () => {
    const search = () => index.search(new Float32Array(2), 1, { allowed: new Uint8Array(2) })
    expect(search).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
  })

  test('refuses a k below 0', () => {
    expect(() => index.search(new Float32Array(2), -1)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
