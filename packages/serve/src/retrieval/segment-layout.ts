/** How vectors are kept: as they are, or in 12 bits a number of which a scan reads 8. */
export const VECTOR_ENCODINGS = ['float32', 'int8'] as const

/** One of {@link VECTOR_ENCODINGS}. */
export type VectorEncoding = (typeof VECTOR_ENCODINGS)[number]

/**
 * Where things lie in a table of vectors.
 *
 * The table is cut into segments of equal size so that it grows without moving; see `packages/serve/kernels`.
 */
export interface SegmentLayout {
  readonly encoding: VectorEncoding
  readonly dim: number
  /** Numbers a row takes: `dim` and the zeros after it. */
  readonly width: number
  /** A segment has `1 << shift` rows. */
  readonly shift: number
  readonly segmentBytes: number
  /** Where a segment's flags begin, one byte a row: 0 where there is no item. */
  readonly flagsOffset: number
  /** Bytes of a row that a scan reads. */
  readonly scannedBytes: number
}

// Small segments waste less at the end, large ones make fewer calls of a kernel.
const MIN_SHIFT = 10
const MAX_SHIFT = 15
const SEGMENTS = 16

/** Returns the layout for a table that begins with `numItems` rows. */
export function layOutSegments(
  encoding: VectorEncoding,
  { dim, numItems }: { readonly dim: number; readonly numItems: number },
): SegmentLayout {
  const wanted = Math.ceil(Math.log2(Math.max(1, numItems) / SEGMENTS))
  const shift = Math.min(MAX_SHIFT, Math.max(MIN_SHIFT, wanted))
  const numRows = 1 << shift
  const step = encoding === 'int8' ? 16 : 4
  const width = Math.ceil(dim / step) * step
  // int8: a byte and half a byte a number, then the scale of the row.
  const rowBytes = encoding === 'int8' ? 1.5 * width + 4 : 4 * width
  return {
    encoding,
    dim,
    width,
    shift,
    segmentBytes: numRows * (rowBytes + 1),
    flagsOffset: numRows * rowBytes,
    scannedBytes: encoding === 'int8' ? width : 4 * width,
  }
}
