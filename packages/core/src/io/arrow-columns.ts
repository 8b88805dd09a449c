import {
  type Data,
  type DataType,
  type Dictionary,
  Float32,
  type Int32,
  makeData,
  TimestampMillisecond,
  type Utf8,
  type Vector,
} from 'apache-arrow'
import type { StringColumn } from '../data/string-column.ts'
import type { SlicedWork } from '../run-in-slices.ts'

/** Rows a step of sliced work: a tenth of a millisecond, or one before the code is compiled. */
export const STEP_ROWS = 4096

const STEP_BYTES = 2 ** 20

/** Builds a dictionary-encoded string column: `keys[i]` is a position in `values`. */
export function stringColumn(
  values: Vector<Utf8>,
  keys: Int32Array,
  type: Dictionary<Utf8, Int32>,
): Data<Dictionary<Utf8, Int32>> {
  return makeData({ type, length: keys.length, nullCount: 0, data: keys, dictionary: values })
}

/** Builds a float column in which NaN means "unknown" and is stored as null. */
export function nullableFloatColumn(values: Float32Array): Data<Float32> {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8))
  let nullCount = 0
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) nullCount++
    else nullBitmap[i >> 3] = (nullBitmap[i >> 3] as number) | (1 << (i & 7))
  }
  const shape = { type: new Float32(), length: values.length, nullCount, data: values }
  return makeData(nullCount > 0 ? { ...shape, nullBitmap } : shape)
}

/** Builds a column of UTC times with millisecond resolution. */
export function timestampColumn(timestampMs: Float64Array): Data<TimestampMillisecond> {
  const data = new BigInt64Array(timestampMs.length)
  for (let i = 0; i < data.length; i++) data[i] = BigInt(timestampMs[i] as number)
  return makeData({
    type: new TimestampMillisecond('UTC'),
    length: data.length,
    nullCount: 0,
    data,
  })
}

/** Reads a whole column of float32; null becomes NaN. */
export function readFloats(column: Vector<DataType>): Float32Array {
  const values = new Float32Array(column.length)
  let start = 0
  for (const data of column.data) {
    values.set((data.values as Float32Array).subarray(0, data.length), start)
    for (let i = 0; data.nullCount > 0 && i < data.length; i++) {
      if (!data.getValid(i)) values[start + i] = Number.NaN
    }
    start += data.length
  }
  return values
}

/**
 * Reads a whole column of float32, after one more value in front for the padding row; null becomes NaN.
 *
 * @returns Float32, shape `[column.length + 1]`; the padding row holds `padding`.
 */
export function* readItemFloats(
  column: Vector<DataType>,
  padding: number,
): SlicedWork<Float32Array> {
  const values = new Float32Array(column.length + 1)
  values[0] = padding
  let start = 1
  for (const data of column.data) {
    const source = data.values as Float32Array
    for (let from = 0; from < data.length; from += STEP_ROWS) {
      const to = Math.min(data.length, from + STEP_ROWS)
      values.set(source.subarray(from, to), start + from)
      for (let i = from; data.nullCount > 0 && i < to; i++)
        if (!data.getValid(i)) values[start + i] = Number.NaN
      yield
    }
    start += data.length
  }
  return values
}

/** Copies a whole column of strings, so that the file's bytes need not be kept. */
export function* readUtf8(column: Vector<Utf8>): SlicedWork<StringColumn> {
  const { length } = column
  const numBytes = column.data.reduce((sum, { valueOffsets, length }) => {
    return sum + (valueOffsets[length] as number) - (valueOffsets[0] as number)
  }, 0)
  const bytes = Buffer.allocUnsafeSlow(numBytes)
  const offsets = new Int32Array(length + 1)
  const validity = column.nullCount > 0 ? new Uint8Array(64 * Math.ceil(length / 512)) : undefined
  let start = 0
  let startByte = 0
  for (const data of column.data) {
    const { valueOffsets, values } = data
    const shift = startByte - (valueOffsets[0] as number)
    for (let from = 0; from < data.length; from += STEP_ROWS) {
      const to = Math.min(data.length, from + STEP_ROWS)
      for (let i = from; i < to; i++)
        offsets[start + i + 1] = (valueOffsets[i + 1] as number) + shift
      for (let i = from; validity !== undefined && i < to; i++) {
        const bit = data.getValid(i) ? 1 << ((start + i) & 7) : 0
        validity[(start + i) >> 3] = (validity[(start + i) >> 3] as number) | bit
      }
      yield
    }
    start += data.length
    const first = valueOffsets[0] as number
    yield* copyInSlices(values.subarray(first, valueOffsets[data.length]), bytes, startByte)
    startByte = offsets[start] as number
  }
  return { length, bytes, offsets, validity }
}

/** Copies all of `source` to `target` from position `at` on. */
export function* copyInSlices<T extends Uint8Array | Float32Array>(
  source: T,
  target: T,
  at: number,
): SlicedWork<void> {
  const step = STEP_BYTES / source.BYTES_PER_ELEMENT
  for (let from = 0; from < source.length; from += step) {
    target.set(source.subarray(from, from + step), at + from)
    yield
  }
}

/** Reads a whole column of UTC times as milliseconds. */
export function readTimestamps(column: Vector<DataType>): Float64Array {
  const values = new Float64Array(column.length)
  let start = 0
  for (const data of column.data) {
    const { buffer, byteOffset } = data.values as BigInt64Array
    // Halves in place of a BigInt an event, which would take most of the time of reading.
    const halves = new Int32Array(buffer, byteOffset, 2 * data.length)
    for (let i = 0; i < data.length; i++) {
      values[start + i] =
        (halves[2 * i + 1] as number) * 2 ** 32 + ((halves[2 * i] as number) >>> 0)
    }
    start += data.length
  }
  return values
}

/** Reads a dictionary-encoded column as its distinct strings and one key an entry. */
export function readStrings(column: Vector<DataType>): { values: string[]; keys: Int32Array } {
  const keys = new Int32Array(column.length)
  let start = 0
  let dictionary: Vector<Utf8> | undefined
  for (const data of column.data) {
    keys.set((data.values as Int32Array).subarray(0, data.length), start)
    start += data.length
    // A later batch may carry a longer dictionary that begins with the earlier one.
    const next = data.dictionary as Vector<Utf8> | undefined
    if (next !== undefined && next.length >= (dictionary?.length ?? 0)) dictionary = next
  }
  return {
    values: dictionary === undefined ? [] : Array.from(dictionary, (value) => value ?? ''),
    keys,
  }
}
