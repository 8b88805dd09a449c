import { RecommenderError } from '../errors.ts'
import { runAtOnce, type SlicedWork } from '../run-in-slices.ts'
import { buildIdTable, type IdTable } from './id-table.ts'
import { buildItemColumns, type ItemColumns, type ItemRecord, recordAt } from './item-columns.ts'
import { type StringColumn, stringAt } from './string-column.ts'

export type { ItemRecord } from './item-columns.ts'

/** All items by row. Row 0 is padding; items are `1..numItems`. Immutable. */
export class ItemCatalog implements ItemColumns {
  readonly numItems: number
  readonly itemIds: StringColumn
  readonly titles: StringColumn
  readonly prices: Float32Array
  readonly categoryPaths: readonly (readonly string[])[]
  readonly categoryPathCodes: Int32Array
  readonly #idTable: IdTable

  /**
   * @param items - One record an item, in row order, without the padding row; or their columns with the table of
   * their ids, see {@link indexItems}.
   * @throws {@link RecommenderError} `INVALID_EVENTS` if an id is empty or appears twice.
   */
  constructor(
    items: readonly ItemRecord[] | { readonly columns: ItemColumns; readonly idTable: IdTable },
  ) {
    const { columns, idTable } = 'idTable' in items ? items : indexRecords(items)
    this.numItems = columns.itemIds.length
    this.itemIds = columns.itemIds
    this.titles = columns.titles
    this.prices = columns.prices
    this.categoryPaths = columns.categoryPaths
    this.categoryPathCodes = columns.categoryPathCodes
    this.#idTable = idTable
  }

  /** Bytes that ids, titles, prices, category codes and the table of ids take. */
  get memoryBytes(): number {
    const strings = [this.itemIds, this.titles].map(
      ({ bytes, offsets, validity }) =>
        bytes.byteLength + offsets.byteLength + (validity?.byteLength ?? 0),
    )
    return strings.reduce(
      (sum, bytes) => sum + bytes,
      this.prices.byteLength + this.categoryPathCodes.byteLength + this.#idTable.memoryBytes,
    )
  }

  /** Returns the row of an item, or `undefined` when the catalogue does not hold it. */
  rowOf(itemId: string): number | undefined {
    return this.#idTable.rowOf(itemId)
  }

  /**
   * Returns the record of an item row: a new object, its price rounded to the seven digits that float32 carries.
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if the row is not within `1..numItems`.
   */
  recordOf(itemRow: number): ItemRecord {
    this.#checkRow(itemRow)
    return recordAt(this, itemRow)
  }

  /** Returns the title of an item row, or `undefined`; `UNKNOWN_ITEM` as {@link ItemCatalog.recordOf}. */
  titleOf(itemRow: number): string | undefined {
    this.#checkRow(itemRow)
    return stringAt(this.titles, itemRow - 1)
  }

  /**
   * Returns the external id of an item row.
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if the row is not within `1..numItems`.
   */
  idOf(itemRow: number): string {
    this.#checkRow(itemRow)
    return stringAt(this.itemIds, itemRow - 1) as string
  }

  #checkRow(itemRow: number): void {
    if (Number.isInteger(itemRow) && itemRow >= 1 && itemRow <= this.numItems) return
    throw new RecommenderError(
      'UNKNOWN_ITEM',
      `Expected an item row within 1..${this.numItems}, got ${itemRow}.`,
    )
  }
}

/**
 * Makes a catalogue of columns, step by step.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if an id is empty or appears twice.
 */
export function* indexItems(columns: ItemColumns): SlicedWork<ItemCatalog> {
  return new ItemCatalog({ columns, idTable: yield* buildIdTable(columns.itemIds) })
}

function indexRecords(records: readonly ItemRecord[]): {
  readonly columns: ItemColumns
  readonly idTable: IdTable
} {
  const columns = buildItemColumns(records)
  return { columns, idTable: runAtOnce(buildIdTable(columns.itemIds)) }
}
