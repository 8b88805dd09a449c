import { tableToIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { runAtOnce } from '../run-in-slices.ts'
import { encodeItems } from './encode-items.ts'
import { parseArrow } from './events-file.ts'
import { type ItemVectors, takeItemVectors } from './item-vectors.ts'

const numItems = 9
const dim = 3
const records = Array.from({ length: numItems }, (_, i) => ({ itemId: `i${i}` }))
const vectors: ItemVectors = {
  dim,
  vectors: Float32Array.from({ length: (numItems + 1) * dim }, (_, i) => (i < dim ? 0 : i / 8)),
  popularity: Float32Array.from({ length: numItems + 1 }, (_, itemRow) => 2 * itemRow),
  trained: Uint8Array.from({ length: numItems + 1 }, (_, itemRow) => itemRow % 2),
}

const take = (bytes: Uint8Array): ItemVectors | undefined =>
  runAtOnce(takeItemVectors(parseArrow(bytes, 'file'), { bytes, path: 'file' }))

describe('takeItemVectors', () => {
  test('leaves vectors where they are, behind a row of zeros', () => {
    const bytes = Uint8Array.from(encodeItems(records, vectors))
    const read = take(bytes)
    expect(read).toEqual(vectors)
    expect(read?.vectors.buffer).toBe(bytes.buffer)
    expect(read?.popularity.buffer).not.toBe(bytes.buffer)
    expect(read?.trained.buffer).not.toBe(bytes.buffer)
  })

  test('copies vectors that lie at no whole number of floats', () => {
    const encoded = encodeItems(records, vectors)
    const odd = new Uint8Array(encoded.length + 1).subarray(1)
    odd.set(encoded)
    const read = take(odd)
    expect(read).toEqual(vectors)
    expect(read?.vectors.buffer).not.toBe(odd.buffer)
  })

  test('joins the vectors of several record batches', () => {
    const table = parseArrow(encodeItems(records, vectors), 'file')
    const read = take(tableToIPC(table.concat(table), 'file'))
    const twice = [...vectors.vectors, ...vectors.vectors.subarray(dim)]
    expect(read?.vectors).toEqual(Float32Array.from(twice))
    expect(read?.popularity[numItems + 1]).toBe(2)
    expect([...(read?.trained ?? [])].join('')).toBe('0101010101101010101')
  })

  test('finds none in a file without vectors, and refuses vectors alone', () => {
    expect(take(encodeItems(records))).toBeUndefined()
    const alone = parseArrow(encodeItems(records, vectors), 'file').select(['item_id', 'vector'])
    expect(() => take(tableToIPC(alone, 'file'))).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENTS' }),
    )
  })
})
