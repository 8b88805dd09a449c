import type { Data, List, Utf8, Vector } from 'apache-arrow'
import { addBytes, addInteger, equalBytes, finishHash, HASH_START } from '../data/hash-bytes.ts'
import type { ItemColumns } from '../data/item-columns.ts'
import type { SlicedWork } from '../run-in-slices.ts'

/** Rows a step: a tenth of a millisecond, or one before the code is compiled. */
const STEP_ROWS = 512

/** A distinct path as it stands in the file. */
interface FoundPath {
  readonly code: number
  /** UTF-8 of all its levels, one after another. */
  readonly bytes: Uint8Array
  /** Bytes of each level. */
  readonly lengths: readonly number[]
}

/**
 * Numbers the distinct paths of a column, without a string an item: rows are told apart by their bytes.
 *
 * @returns Paths by first appearance after `[]`, and one code an item row; see {@link ItemColumns}.
 */
export function* readCategoryPaths(
  column: Vector<List<Utf8>>,
): SlicedWork<Pick<ItemColumns, 'categoryPaths' | 'categoryPathCodes'>> {
  const categoryPaths: string[][] = [[]]
  const categoryPathCodes = new Int32Array(column.length + 1)
  const found = new Map<number, FoundPath>()
  let itemRow = 0
  for (const data of column.data) {
    const levels = data.children[0] as Data<Utf8>
    for (let i = 0; i < data.length; i++) {
      itemRow++
      if (i % STEP_ROWS === STEP_ROWS - 1) yield
      const range = {
        start: data.valueOffsets[i] as number,
        end: data.valueOffsets[i + 1] as number,
      }
      if (range.start === range.end || !data.getValid(i)) continue
      let key = hashPath(levels, range)
      let path = found.get(key)
      // Two paths of one hash: the second is found under the next free key.
      while (path !== undefined && !isPath(path, levels, range)) path = found.get(++key)
      if (path === undefined) {
        path = copyPath(levels, { ...range, code: categoryPaths.length })
        categoryPaths.push(decodePath(path))
        found.set(key, path)
      }
      categoryPathCodes[itemRow] = path.code
    }
  }
  return { categoryPaths, categoryPathCodes }
}

/** Levels `start..end - 1` of all levels of a record batch. */
interface LevelRange {
  readonly start: number
  readonly end: number
}

function hashPath({ valueOffsets, values }: Data<Utf8>, { start, end }: LevelRange): number {
  let hash = HASH_START
  for (let i = start; i < end; i++) {
    const range = { start: valueOffsets[i] as number, end: valueOffsets[i + 1] as number }
    hash = addInteger(addBytes(hash, values, range), range.end - range.start)
  }
  return finishHash(hash)
}

function isPath(
  { bytes, lengths }: FoundPath,
  { valueOffsets, values }: Data<Utf8>,
  { start, end }: LevelRange,
): boolean {
  if (end - start !== lengths.length) return false
  for (let i = start; i < end; i++) {
    if ((valueOffsets[i + 1] as number) - (valueOffsets[i] as number) !== lengths[i - start])
      return false
  }
  const bStart = valueOffsets[start] as number
  return equalBytes(bytes, values, { aStart: 0, bStart, length: bytes.length })
}

function copyPath(
  { valueOffsets, values }: Data<Utf8>,
  { start, end, code }: LevelRange & { readonly code: number },
): FoundPath {
  return {
    code,
    bytes: values.slice(valueOffsets[start], valueOffsets[end]),
    lengths: Array.from(
      { length: end - start },
      (_, i) => (valueOffsets[start + i + 1] as number) - (valueOffsets[start + i] as number),
    ),
  }
}

function decodePath({ bytes, lengths }: FoundPath): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let start = 0
  return lengths.map((length) => {
    start += length
    return buffer.toString('utf8', start - length, start)
  })
}
