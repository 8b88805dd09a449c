import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Returns numbers of four bytes each as text: little-endian, deflated, base64. */
export function packValues(values: Float32Array | Int32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return deflateRawSync(bytes).toString('base64')
}

/** Returns the numbers of {@link packValues}. */
export function unpackValues(text: string): Float32Array {
  return new Float32Array(unpackBytes(text))
}

/** Returns the whole numbers of {@link packValues}. */
export function unpackRows(text: string): Int32Array {
  return new Int32Array(unpackBytes(text))
}

function unpackBytes(text: string): ArrayBuffer {
  return Uint8Array.from(inflateRawSync(Buffer.from(text, 'base64'))).buffer
}
