import { RecommenderError } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { encodeTinyNetwork } from '../../test/tiny-artifact.ts'
import { createOnnxEncoder } from './onnx-encoder.ts'

// Rows 1, 2, 3 point along the three axes with lengths 1, 2, 4.
const options = {
  vectors: Float32Array.of(9, 9, 9, 1, 0, 0, 0, 2, 0, 0, 0, 4),
  dim: 3,
  maxLength: 3,
}
const create = () => createOnnxEncoder(encodeTinyNetwork('query'), options)

describe('createOnnxEncoder', () => {
  test('encodes the mean of the vectors plus the newest vector, with padding on the left', async () => {
    const encoder = await create()
    const queries = await encoder.encode([
      Int32Array.of(1, 2),
      Int32Array.of(3),
      Int32Array.of(1, 1, 2),
    ])
    expect([...queries.subarray(0, 3)]).toEqual([1 / 2, 2 / 2 + 2, 0])
    expect([...queries.subarray(3, 6)]).toEqual([0, 0, 4 + 4])
    expect(queries[6]).toBeCloseTo(2 / 3, 6)
    expect(queries[7]).toBeCloseTo(2 / 3 + 2, 6)
    await encoder.release()
  })

  test('cuts off events older than maxLength', async () => {
    const encoder = await create()
    const long = await encoder.encode([Int32Array.of(3, 3, 1, 1, 1)])
    expect([...long]).toEqual([1 + 1, 0, 0])
    await encoder.release()
  })

  test.each([
    ['bytes that are no network', Uint8Array.of(1, 2, 3), options],
    ['a network without the output', encodeTinyNetwork('answer'), options],
    ['vectors of another length', encodeTinyNetwork('query'), { ...options, dim: 4 }],
  ])('refuses %s', async (_, bytes, wrong) => {
    await expect(createOnnxEncoder(bytes, wrong)).rejects.toThrow(
      expect.objectContaining({ name: 'RecommenderError', code: 'BAD_ARTIFACT' }),
    )
  })

  test('stops at numbers that are not finite', async () => {
    const vectors = options.vectors.slice()
    vectors[3] = Number.NaN
    const encoder = await createOnnxEncoder(encodeTinyNetwork('query'), { ...options, vectors })
    await expect(encoder.encode([Int32Array.of(1)])).rejects.toBeInstanceOf(RecommenderError)
    await encoder.release()
  })
})
