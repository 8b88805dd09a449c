import { readFile, writeFile } from 'node:fs/promises'
import { DataType, type List, type Table, type Utf8, type Vector } from 'apache-arrow'
import { ITEM_COLUMNS } from '../data/columns.ts'
import { type ItemColumns, type ItemRecord, recordAt } from '../data/item-columns.ts'
import { buildStringColumn } from '../data/string-column.ts'
import { RecommenderError } from '../errors.ts'
import { runAtOnce, type SlicedWork } from '../run-in-slices.ts'
import { readItemFloats, readUtf8 } from './arrow-columns.ts'
import { replaceFile } from './atomic-write.ts'
import { readCategoryPaths } from './category-paths.ts'
import { encodeItems } from './encode-items.ts'
import { parseArrow } from './events-file.ts'
import { type FileBytes, type ItemVectors, takeItemVectors } from './item-vectors.ts'

/** Writes `items.arrow` and replaces `path` at the end. */
export async function writeItemsFile(
  path: string,
  items: readonly ItemRecord[] | ItemColumns,
): Promise<void> {
  await replaceFile(path, (temporary) => writeFile(temporary, encodeItems(items)))
}

/**
 * Reads items, and their vectors when the file holds them.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the file is not Arrow or lacks the item ids.
 */
export async function readItemsFile(
  path: string,
): Promise<{ records: ItemRecord[]; vectors?: ItemVectors }> {
  const { columns, vectors } = runAtOnce(decodeItems({ bytes: await readFile(path), path }))
  const records = Array.from({ length: columns.itemIds.length }, (_, i) => recordAt(columns, i + 1))
  return vectors === undefined ? { records } : { records, vectors }
}

/**
 * Decodes the bytes of an `items.arrow`, step by step.
 *
 * The bytes belong to the result afterwards: the vectors lie in them, the rest is copied.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the file is not Arrow, lacks the item ids, or a column is of
 * another type.
 */
export function* decodeItems(
  file: FileBytes,
): SlicedWork<{ readonly columns: ItemColumns; readonly vectors: ItemVectors | undefined }> {
  const table = parseArrow(file.bytes, file.path)
  const { numRows } = table
  const ids = findStrings(table, ITEM_COLUMNS.itemId, file.path)
  if (ids === undefined) {
    throw new RecommenderError(
      'INVALID_EVENTS',
      `Expected ${file.path} to have a column '${ITEM_COLUMNS.itemId}'.`,
    )
  }
  const itemIds = yield* readUtf8(ids)
  const titles = findStrings(table, ITEM_COLUMNS.title, file.path)
  const paths = findPaths(table, file.path)
  const prices = table.getChild(ITEM_COLUMNS.price)
  const columns: ItemColumns = {
    itemIds,
    titles:
      titles === undefined
        ? buildStringColumn(new Array<undefined>(numRows).fill(undefined))
        : yield* readUtf8(titles),
    prices:
      prices === null
        ? new Float32Array(numRows + 1).fill(Number.NaN)
        : yield* readItemFloats(prices, Number.NaN),
    ...(paths === undefined
      ? { categoryPaths: [[]], categoryPathCodes: new Int32Array(numRows + 1) }
      : yield* readCategoryPaths(paths)),
  }
  return { columns, vectors: yield* takeItemVectors(table, file) }
}

function findStrings(table: Table, name: string, path: string): Vector<Utf8> | undefined {
  const column = table.getChild(name)
  if (column === null || DataType.isUtf8(column.type)) return column ?? undefined
  throw wrongType(column, `${path} to have strings (utf8) in '${name}'`)
}

function findPaths(table: Table, path: string): Vector<List<Utf8>> | undefined {
  const column = table.getChild(ITEM_COLUMNS.categoryPath)
  if (column === null) return undefined
  if (DataType.isList(column.type) && DataType.isUtf8(column.type.valueType)) return column
  throw wrongType(column, `${path} to have lists of strings in '${ITEM_COLUMNS.categoryPath}'`)
}

function wrongType(column: Vector, expected: string): RecommenderError {
  return new RecommenderError('INVALID_EVENTS', `Expected ${expected}, got ${column.type}.`)
}
