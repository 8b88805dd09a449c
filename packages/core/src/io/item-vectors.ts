import type { Bool, Data, FixedSizeList, Float32, Table, Vector } from 'apache-arrow'
import { ITEM_COLUMNS } from '../data/columns.ts'
import { RecommenderError } from '../errors.ts'
import type { SlicedWork } from '../run-in-slices.ts'
import { copyInSlices, readItemFloats, STEP_ROWS } from './arrow-columns.ts'

/** What training adds to each item. Row 0 (padding) is not stored. */
export interface ItemVectors {
  readonly dim: number
  /** Shape `[numItems + 1, dim]`, row-major; row 0 is padding. */
  readonly vectors: Float32Array
  /** Shape `[numItems + 1]`: how often each item was bought before the test, a purchase counting half after 30 days. */
  readonly popularity: Float32Array
  /** Shape `[numItems + 1]`: 1 where the vector was learned from events, 0 where it was derived. */
  readonly trained: Uint8Array
}

/** The bytes of a file and where they came from. */
export interface FileBytes {
  readonly bytes: Uint8Array
  /** For messages. */
  readonly path: string
}

/**
 * Reads the columns that training adds, or nothing from a file without them.
 *
 * Vectors that lie in one piece are not copied: they stay in `bytes`, and what stood before them is overwritten by the
 * padding row. So this must come after all else is read from the table.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if only some of the columns are there.
 */
export function* takeItemVectors(
  table: Table,
  { bytes, path }: FileBytes,
): SlicedWork<ItemVectors | undefined> {
  const column = table.getChild(ITEM_COLUMNS.vector) as Vector<FixedSizeList<Float32>> | null
  if (column === null) return undefined
  const counts = table.getChild(ITEM_COLUMNS.popularity)
  const flags = table.getChild(ITEM_COLUMNS.trained) as Vector<Bool> | null
  if (counts === null || flags === null) {
    throw new RecommenderError(
      'INVALID_EVENTS',
      `Expected ${path} to have columns '${ITEM_COLUMNS.popularity}' and '${ITEM_COLUMNS.trained}' beside '${ITEM_COLUMNS.vector}'.`,
    )
  }
  const popularity = yield* readItemFloats(counts, 0)
  const trained = yield* readFlags(flags)
  const { listSize: dim } = column.type
  return { dim, vectors: yield* takeVectors(column, bytes), popularity, trained }
}

function* takeVectors(
  column: Vector<FixedSizeList<Float32>>,
  bytes: Uint8Array,
): SlicedWork<Float32Array> {
  const dim = column.type.listSize
  const pieces = column.data.map(({ children, length }) =>
    (children[0] as Data<Float32>).values.subarray(0, length * dim),
  )
  const length = (column.length + 1) * dim
  const [piece] = pieces
  if (pieces.length === 1 && piece !== undefined && piece.buffer === bytes.buffer) {
    const start = piece.byteOffset - dim * Float32Array.BYTES_PER_ELEMENT
    if (start >= bytes.byteOffset)
      return new Float32Array(bytes.buffer as ArrayBuffer, start, length).fill(0, 0, dim)
  }
  const vectors = new Float32Array(length)
  let start = dim
  for (const piece of pieces) {
    yield* copyInSlices(piece, vectors, start)
    start += piece.length
  }
  return vectors
}

function* readFlags(column: Vector<Bool>): SlicedWork<Uint8Array> {
  const flags = new Uint8Array(column.length + 1)
  let itemRow = 1
  for (const { values, offset, length } of column.data) {
    for (let i = offset; i < offset + length; i++) {
      flags[itemRow++] = ((values[i >> 3] as number) >> (i & 7)) & 1
      if (i % STEP_ROWS === 0) yield
    }
  }
  return flags
}
