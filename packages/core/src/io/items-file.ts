import { readFile, writeFile } from 'node:fs/promises'
import {
  Bool,
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  List,
  makeData,
  makeVector,
  Table,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import { ITEM_COLUMNS } from '../data/columns.ts'
import type { ItemRecord } from '../data/item-catalog.ts'
import { RecommenderError } from '../errors.ts'
import { nullableFloatColumn, readFloats } from './arrow-columns.ts'
import { replaceFile } from './atomic-write.ts'
import { parseArrow } from './events-file.ts'

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

/** Encodes items, and their vectors when given, as an Arrow IPC file. */
export function encodeItems(records: readonly ItemRecord[], vectors?: ItemVectors): Uint8Array {
  const prices = Float32Array.from(records, ({ price }) => price ?? Number.NaN)
  const columns: Record<string, Vector<DataType>> = {
    [ITEM_COLUMNS.itemId]: vectorFromArray(
      records.map(({ itemId }) => itemId),
      new Utf8(),
    ),
    [ITEM_COLUMNS.title]: vectorFromArray(
      records.map(({ title }) => title ?? null),
      new Utf8(),
    ),
    [ITEM_COLUMNS.categoryPath]: vectorFromArray(
      records.map(({ categoryPath }) => [...(categoryPath ?? [])]),
      new List(new Field('level', new Utf8(), true)),
    ),
    [ITEM_COLUMNS.price]: makeVector(nullableFloatColumn(prices)),
  }
  if (vectors !== undefined) {
    const { dim } = vectors
    const values = makeData({
      type: new Float32(),
      length: records.length * dim,
      nullCount: 0,
      data: vectors.vectors.subarray(dim),
    })
    columns[ITEM_COLUMNS.popularity] = makeVector(nullableFloatColumn(vectors.popularity.slice(1)))
    columns[ITEM_COLUMNS.trained] = vectorFromArray(
      Array.from(vectors.trained.subarray(1), Boolean),
      new Bool(),
    )
    columns[ITEM_COLUMNS.vector] = makeVector(
      makeData({
        type: new FixedSizeList(dim, new Field('value', new Float32(), false)),
        length: records.length,
        nullCount: 0,
        child: values,
      }),
    )
  }
  return tableToIPC(new Table(columns), 'file')
}

/** Writes `items.arrow` and replaces `path` at the end. */
export async function writeItemsFile(path: string, records: readonly ItemRecord[]): Promise<void> {
  await replaceFile(path, (temporary) => writeFile(temporary, encodeItems(records)))
}

/**
 * Reads items, and their vectors when the file holds them.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the file is not Arrow or lacks the item ids.
 */
export async function readItemsFile(
  path: string,
): Promise<{ records: ItemRecord[]; vectors?: ItemVectors }> {
  return decodeItems(await readFile(path), path)
}

/**
 * Decodes the bytes of an `items.arrow`, as {@link readItemsFile} does.
 *
 * @param path - Where the bytes came from, for messages.
 */
export function decodeItems(
  bytes: Uint8Array,
  path: string,
): { records: ItemRecord[]; vectors?: ItemVectors } {
  const table = parseArrow(bytes, path)
  const ids = table.getChild(ITEM_COLUMNS.itemId)
  if (ids === null) {
    throw new RecommenderError(
      'INVALID_EVENTS',
      `Expected ${path} to have a column '${ITEM_COLUMNS.itemId}'.`,
    )
  }
  const titles = table.getChild(ITEM_COLUMNS.title)
  const paths = table.getChild(ITEM_COLUMNS.categoryPath)
  const priceColumn = table.getChild(ITEM_COLUMNS.price)
  const prices = priceColumn === null ? undefined : readFloats(priceColumn)
  const records = Array.from({ length: table.numRows }, (_, i): ItemRecord => {
    const categoryPath = paths?.get(i) as Iterable<string> | null | undefined
    const price = prices?.[i] ?? Number.NaN
    return {
      itemId: ids.get(i) as string,
      title: (titles?.get(i) as string | null | undefined) ?? undefined,
      categoryPath: categoryPath == null ? [] : [...categoryPath],
      // A price stored as float32 carries seven digits; more of them would be noise, 15.319999694824219 for 15.32.
      price: Number.isNaN(price) ? undefined : Number(price.toPrecision(7)),
    }
  })
  const vectors = readVectors(table)
  return vectors === undefined ? { records } : { records, vectors }
}

function readVectors(table: Table): ItemVectors | undefined {
  const column = table.getChild(ITEM_COLUMNS.vector)
  if (column === null) return undefined
  const dim = (column.type as FixedSizeList).listSize
  const vectors = new Float32Array((table.numRows + 1) * dim)
  let start = dim
  for (const data of column.data) {
    const [child] = data.children as [Data<Float32>]
    vectors.set(child.values.subarray(0, data.length * dim), start)
    start += data.length * dim
  }
  const popularity = new Float32Array(table.numRows + 1)
  popularity.set(readFloats(table.getChild(ITEM_COLUMNS.popularity) as Vector<DataType>), 1)
  const trained = new Uint8Array(table.numRows + 1)
  const flags = table.getChild(ITEM_COLUMNS.trained) as Vector<Bool>
  for (let i = 0; i < table.numRows; i++) trained[i + 1] = flags.get(i) ? 1 : 0
  return { dim, vectors, popularity, trained }
}
