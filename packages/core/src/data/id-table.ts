import { RecommenderError } from '../errors.ts'
import type { SlicedWork } from '../run-in-slices.ts'
import { addBytes, equalBytes, finishHash, HASH_START } from './hash-bytes.ts'
import { type StringColumn, stringAt } from './string-column.ts'

/** Finds the row of an id. */
export interface IdTable {
  /** Returns the row of an id, from 1 on, or `undefined` when there is none. */
  rowOf(id: string): number | undefined
  /** Bytes of the table beside those of the ids. */
  readonly memoryBytes: number
}

/** Rows a step: a tenth of a millisecond, or one before the code is compiled. */
const STEP_ROWS = 512

const SCRATCH_BYTES = 256

/**
 * Builds a hash table over ids: id `i` of the column is of row `i + 1`. It takes 6 to 12 bytes an id.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if an id is empty or appears twice.
 */
export function* buildIdTable(ids: StringColumn): SlicedWork<IdTable> {
  const { length, bytes, offsets } = ids
  // At most two thirds full, or the runs of taken slots would grow long.
  const slots = new Int32Array(2 ** Math.max(3, Math.ceil(Math.log2(1.5 * length))))
  const slotMask = slots.length - 1
  // A slot holds a row in its low bits, 0 when free, and high bits of the hash in the rest: bytes far away in memory
  // are then compared for about one other id in a thousand.
  const rowMask = 2 ** Math.ceil(Math.log2(length + 1)) - 1
  /** Returns the slot of the bytes `start..end - 1` of `key`: the one that holds them, or the first free one. */
  const findSlot = (key: Uint8Array, hash: number, { start, end }: ByteRange): number => {
    let slot = hash & slotMask
    for (;;) {
      const value = slots[slot] as number
      if (value === 0) return slot
      if (((value ^ hash) & ~rowMask) === 0) {
        const row = value & rowMask
        const bStart = offsets[row - 1] as number
        const size = (offsets[row] as number) - bStart
        const isSame = size === end - start
        if (isSame && equalBytes(key, bytes, { aStart: start, bStart, length: size })) return slot
      }
      slot = (slot + 1) & slotMask
    }
  }
  for (let i = 0; i < length; i++) {
    const range = { start: offsets[i] as number, end: offsets[i + 1] as number }
    const hash = hashOf(bytes, range)
    const slot = findSlot(bytes, hash, range)
    if (range.start === range.end || slots[slot] !== 0) {
      throw new RecommenderError(
        'INVALID_EVENTS',
        `Expected item ids to be distinct and not empty, got '${stringAt(ids, i) ?? ''}' at position ${i}.`,
      )
    }
    slots[slot] = (hash & ~rowMask) | (i + 1)
    if (i % STEP_ROWS === STEP_ROWS - 1) yield
  }
  const scratch = new Uint8Array(SCRATCH_BYTES)
  return {
    memoryBytes: slots.byteLength,
    rowOf: (id) => {
      const key = toUtf8(id, scratch)
      const range = { start: 0, end: key === scratch ? id.length : key.length }
      const slot = findSlot(key, hashOf(key, range), range)
      return (slots[slot] as number) & rowMask || undefined
    },
  }
}

interface ByteRange {
  readonly start: number
  readonly end: number
}

function hashOf(bytes: Uint8Array, range: ByteRange): number {
  return finishHash(addBytes(HASH_START, bytes, range))
}

/** Returns the bytes of an id: in `scratch` if it is short and plain ASCII, as most are, else in a new array. */
function toUtf8(id: string, scratch: Uint8Array): Uint8Array {
  if (id.length > scratch.length) return Buffer.from(id)
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    if (code > 127) return Buffer.from(id)
    scratch[i] = code
  }
  return scratch
}
