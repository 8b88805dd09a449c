import { RecommenderError } from '../errors.ts'

/** What is known of one item beside its events. */
export interface ItemRecord {
  readonly itemId: string
  readonly title?: string | undefined
  /** From the widest category to the narrowest. */
  readonly categoryPath?: readonly string[] | undefined
  /** Last known price of one unit. */
  readonly price?: number | undefined
}

/** All items by row. Row 0 is padding; items are `1..numItems`. Immutable. */
export class ItemCatalog {
  readonly numItems: number
  readonly #records: readonly ItemRecord[]
  readonly #rows = new Map<string, number>()

  /**
   * @param records - One record an item, in row order, without the padding row.
   * @throws {@link RecommenderError} `INVALID_EVENTS` if an id is empty or appears twice.
   */
  constructor(records: readonly ItemRecord[]) {
    this.#records = records
    this.numItems = records.length
    records.forEach(({ itemId }, i) => {
      if (itemId === '' || this.#rows.has(itemId)) {
        throw new RecommenderError(
          'INVALID_EVENTS',
          `Expected item ids to be distinct and not empty, got '${itemId}' at position ${i}.`,
        )
      }
      this.#rows.set(itemId, i + 1)
    })
  }

  /** Returns the row of an item, or `undefined` when the catalogue does not hold it. */
  rowOf(itemId: string): number | undefined {
    return this.#rows.get(itemId)
  }

  /**
   * Returns the record of an item row.
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if the row is not within `1..numItems`.
   */
  recordOf(itemRow: number): ItemRecord {
    const record = this.#records[itemRow - 1]
    if (record !== undefined) return record
    throw new RecommenderError(
      'UNKNOWN_ITEM',
      `Expected an item row within 1..${this.numItems}, got ${itemRow}.`,
    )
  }

  /** Returns the external id of an item row. */
  idOf(itemRow: number): string {
    return this.recordOf(itemRow).itemId
  }
}
