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
} from 'apache-arrow'
import { ITEM_COLUMNS } from '../data/columns.ts'
import { buildItemColumns, type ItemColumns, type ItemRecord } from '../data/item-columns.ts'
import { buildStringColumn, type StringColumn } from '../data/string-column.ts'
import { nullableFloatColumn } from './arrow-columns.ts'
import type { ItemVectors } from './item-vectors.ts'

/** Encodes items, and their vectors when given, as an Arrow IPC file. */
export function encodeItems(
  items: readonly ItemRecord[] | ItemColumns,
  vectors?: ItemVectors,
): Uint8Array {
  const attributes = 'itemIds' in items ? items : buildItemColumns(items)
  const columns: Record<string, Vector<DataType>> = {
    [ITEM_COLUMNS.itemId]: makeVector(utf8Column(attributes.itemIds)),
    [ITEM_COLUMNS.title]: makeVector(utf8Column(attributes.titles)),
    [ITEM_COLUMNS.categoryPath]: makeVector(pathColumn(attributes)),
    [ITEM_COLUMNS.price]: makeVector(nullableFloatColumn(attributes.prices.slice(1))),
  }
  if (vectors !== undefined) {
    const { dim, popularity, trained } = vectors
    const shape = { length: attributes.itemIds.length, nullCount: 0 }
    columns[ITEM_COLUMNS.popularity] = makeVector(nullableFloatColumn(popularity.slice(1)))
    columns[ITEM_COLUMNS.trained] = makeVector(
      makeData({ ...shape, type: new Bool(), data: packBits(trained.subarray(1)) }),
    )
    columns[ITEM_COLUMNS.vector] = makeVector(
      makeData({
        ...shape,
        type: new FixedSizeList(dim, new Field('value', new Float32(), false)),
        child: makeData({
          type: new Float32(),
          length: shape.length * dim,
          nullCount: 0,
          data: vectors.vectors.subarray(dim),
        }),
      }),
    )
  }
  return tableToIPC(new Table(columns), 'file')
}

function utf8Column({ length, bytes, offsets, validity }: StringColumn): Data<Utf8> {
  const shape = { type: new Utf8(), length, valueOffsets: offsets, data: bytes }
  return makeData(
    validity === undefined
      ? { ...shape, nullCount: 0 }
      : { ...shape, nullCount: length - countBits(validity), nullBitmap: validity },
  )
}

function pathColumn({ itemIds, categoryPaths, categoryPathCodes }: ItemColumns): Data<List<Utf8>> {
  const { length } = itemIds
  const valueOffsets = new Int32Array(length + 1)
  for (let i = 0; i < length; i++) {
    const path = categoryPaths[categoryPathCodes[i + 1] as number] as readonly string[]
    valueOffsets[i + 1] = (valueOffsets[i] as number) + path.length
  }
  const encoded = categoryPaths.map((path) => buildStringColumn(path))
  const numLevels = valueOffsets[length] as number
  const levelOffsets = new Int32Array(numLevels + 1)
  let level = 0
  for (let i = 0; i < length; i++) {
    const { offsets, length: depth } = encoded[categoryPathCodes[i + 1] as number] as StringColumn
    const start = levelOffsets[level] as number
    for (let d = 1; d <= depth; d++) levelOffsets[++level] = start + (offsets[d] as number)
  }
  const data = Buffer.allocUnsafeSlow(levelOffsets[numLevels] as number)
  for (let i = 0; i < length; i++) {
    const { bytes } = encoded[categoryPathCodes[i + 1] as number] as StringColumn
    data.set(bytes, levelOffsets[valueOffsets[i] as number] as number)
  }
  const shape = { length: numLevels, nullCount: 0 }
  return makeData({
    type: new List(new Field('level', new Utf8(), true)),
    length,
    nullCount: 0,
    valueOffsets,
    child: makeData({ ...shape, type: new Utf8(), valueOffsets: levelOffsets, data }),
  })
}

/** Packs flags, lowest bit of the first byte first, into a multiple of 64 bytes. */
function packBits(flags: Uint8Array): Uint8Array {
  const bits = new Uint8Array(64 * Math.ceil(flags.length / 512))
  for (let i = 0; i < flags.length; i++)
    if (flags[i] !== 0) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
  return bits
}

function countBits(bits: Uint8Array): number {
  let count = 0
  for (const byte of bits) for (let rest = byte; rest !== 0; rest &= rest - 1) count++
  return count
}
