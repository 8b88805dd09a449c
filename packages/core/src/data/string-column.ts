/** Strings one after another in UTF-8, which takes a fraction of the memory of as many string objects. */
export interface StringColumn {
  readonly length: number
  /** UTF-8 of all strings. */
  readonly bytes: Buffer
  /** Shape `[length + 1]`: string `i` is the bytes `offsets[i]..offsets[i + 1] - 1`. */
  readonly offsets: Int32Array
  /** One bit a string, lowest bit of the first byte first: 0 where there is none. Absent when none lacks; a multiple of 64 bytes, as Arrow asks for. */
  readonly validity?: Uint8Array | undefined
}

/** Builds a column; `undefined` stays apart from the empty string. */
export function buildStringColumn(values: readonly (string | undefined)[]): StringColumn {
  const { length } = values
  const offsets = new Int32Array(length + 1)
  const validity = new Uint8Array(64 * Math.ceil(length / 512))
  let numValid = 0
  for (let i = 0; i < length; i++) {
    const value = values[i]
    offsets[i + 1] = (offsets[i] as number) + (value === undefined ? 0 : Buffer.byteLength(value))
    if (value === undefined) continue
    numValid++
    validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7))
  }
  const bytes = Buffer.allocUnsafeSlow(offsets[length] as number)
  for (let i = 0; i < length; i++) {
    const value = values[i]
    if (value !== undefined) bytes.write(value, offsets[i] as number)
  }
  return { length, bytes, offsets, validity: numValid < length ? validity : undefined }
}

/** Returns string `i`, or `undefined` where there is none. */
export function stringAt(
  { bytes, offsets, validity }: StringColumn,
  i: number,
): string | undefined {
  if (validity !== undefined && (((validity[i >> 3] as number) >> (i & 7)) & 1) === 0) return
  return bytes.toString('utf8', offsets[i], offsets[i + 1])
}
