import { RecommenderError } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { encodeTinyNetwork } from '../../test/tiny-artifact.ts'
import { createOnnxEncoder, type EncoderHistory, type OnnxEncoderOptions } from './onnx-encoder.ts'

// Rows 1, 2, 3 point along the three axes with lengths 1, 2, 4.
const vectors = Float32Array.of(9, 9, 9, 1, 0, 0, 0, 2, 0, 0, 0, 4)
const readFrom =
  (table: Float32Array): OnnxEncoderOptions['readVector'] =>
  (itemRow, target, offset) =>
    target.set(table.subarray(itemRow * 3, (itemRow + 1) * 3), offset)
const options = { readVector: readFrom(vectors), dim: 3, maxLength: 3 }
const DAY = 86_400_000
const history = (...itemRows: number[]): EncoderHistory => ({
  itemRows: Int32Array.from(itemRows),
  timestampMs: Float64Array.from(itemRows, (_, day) => day * DAY),
  asOfMs: itemRows.length * DAY,
})

describe.each([false, true])('createOnnxEncoder, in a thread of its own: %s', (inThread) => {
  const create = () => createOnnxEncoder(encodeTinyNetwork('query'), { ...options, inThread })

  test('encodes the mean of the vectors plus the newest vector, with padding on the left', async () => {
    const encoder = await create()
    const queries = await encoder.encode([history(1, 2), history(3), history(1, 1, 2)])
    expect([...queries.subarray(0, 3)]).toEqual([1 / 2, 2 / 2 + 2, 0])
    expect([...queries.subarray(3, 6)]).toEqual([0, 0, 4 + 4])
    expect(queries[6]).toBeCloseTo(2 / 3, 6)
    expect(queries[7]).toBeCloseTo(2 / 3 + 2, 6)
    await encoder.release()
  })

  test('encodes more histories than one run takes', async () => {
    const encoder = await create()
    const queries = await encoder.encode(Array.from({ length: 20 }, (_, i) => history(1 + (i % 3))))
    for (let i = 0; i < 20; i++) {
      const expected = [0, 0, 0]
      expected[i % 3] = 2 ** (i % 3) * 2
      expect([...queries.subarray(3 * i, 3 * i + 3)]).toEqual(expected)
    }
    await encoder.release()
  })

  test('cuts off events older than maxLength', async () => {
    const encoder = await create()
    const long = await encoder.encode([history(3, 3, 1, 1, 1)])
    expect([...long]).toEqual([1 + 1, 0, 0])
    await encoder.release()
  })

  test('gives a network that asks for them the seconds of events and question, rounded down', async () => {
    const encoder = await createOnnxEncoder(encodeTinyNetwork('query', { usesTimes: true }), {
      ...options,
      inThread,
    })
    const second = 1 / 86_400
    const queries = await encoder.encode([
      // The oldest of four events is cut off; the others are 3, 2 and 1 days old.
      history(3, 1, 1, 1),
      // Padded: one event, from second -2 to second 1.
      { itemRows: Int32Array.of(1), timestampMs: Float64Array.of(-1001), asOfMs: 1999 },
    ])
    expect([...queries.subarray(0, 3)]).toEqual([1 + 1, 3 + 2 + 1, 1])
    expect(queries[3]).toBe(1 + 1)
    expect(queries[4]).toBeCloseTo(3 * second, 9)
    expect(queries[5]).toBeCloseTo(3 * second, 9)
    await encoder.release()
  })

  test.each([
    ['bytes that are no network', Uint8Array.of(1, 2, 3), options],
    ['a network without the output', encodeTinyNetwork('answer'), options],
    ['vectors of another length', encodeTinyNetwork('query'), { ...options, dim: 4 }],
  ])('refuses %s', async (_, bytes, wrong) => {
    await expect(createOnnxEncoder(bytes, { ...wrong, inThread })).rejects.toThrow(
      expect.objectContaining({ name: 'RecommenderError', code: 'BAD_ARTIFACT' }),
    )
  })

  test('stops at numbers that are not finite', async () => {
    const nanVectors = vectors.slice()
    nanVectors[3] = Number.NaN
    const encoder = await createOnnxEncoder(encodeTinyNetwork('query'), {
      ...options,
      readVector: readFrom(nanVectors),
      inThread,
    })
    await expect(encoder.encode([history(1)])).rejects.toBeInstanceOf(RecommenderError)
    await encoder.release()
  })
})
