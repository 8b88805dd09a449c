import type { ItemCatalog } from '../data/item-catalog.ts'
import type { StringColumn } from '../data/string-column.ts'
import { RecommenderError } from '../errors.ts'
import {
  type AttributeColumn,
  type AttributeValue,
  createColumn,
  growColumn,
  kindOf,
  readValue,
  writeValue,
} from './attribute-column.ts'
import { CategoryDictionary } from './category-dictionary.ts'
import { checkAttributeKinds, checkItemChanges, type ItemChanges } from './item-changes.ts'

/** What a shop says of its items now, by item row: begins as a catalogue tells it, then changes and grows. Columnar. */
export class ItemAttributes {
  /** Categories by code; codes are those of {@link categoryCodes}. */
  readonly categories: CategoryDictionary = new CategoryDictionary()
  readonly #catalog: ItemCatalog
  readonly #columns = new Map<string, AttributeColumn>()
  readonly #versions = new Map<string, number>()
  readonly #addedRows = new Map<string, number>()
  readonly #addedIds: string[] = []
  readonly #titles = new Map<number, string | undefined>()
  #prices: AttributeColumn & { kind: 'number' }
  #categoryCodes: Int32Array
  /** Of the last update. */
  #asOfMs: Float64Array
  /** Of the last update of price or stock. */
  #pricedAsOfMs: Float64Array
  #active: Uint8Array
  #offerable: Uint8Array
  #version = 0

  constructor(catalog: ItemCatalog) {
    const capacity = catalog.numItems + 1
    this.#catalog = catalog
    this.#prices = { kind: 'number', values: new Float64Array(catalog.prices) }
    this.#columns.set('price', this.#prices)
    const codes = Int32Array.from(catalog.categoryPaths, (path) => this.categories.add(path))
    this.#categoryCodes = catalog.categoryPathCodes.map((code) => codes[code] as number)
    this.#asOfMs = new Float64Array(capacity).fill(-Infinity)
    this.#pricedAsOfMs = this.#asOfMs.slice()
    this.#active = new Uint8Array(capacity).fill(1, 1)
    this.#offerable = this.#active.slice()
  }

  get numItems(): number {
    return this.#catalog.numItems + this.#addedIds.length
  }

  /** Rises with every change. */
  get version(): number {
    return this.#version
  }

  /** Category code by item row, 0 without a category; at least `numItems + 1` long. Read it only. */
  get categoryCodes(): Int32Array {
    return this.#categoryCodes
  }

  /** Path of each category code. */
  get categoryPaths(): readonly (readonly string[])[] {
    return this.categories.paths
  }

  /**
   * 1 by item row where the item may be recommended at all: it is active and its stock is not known to be 0. At least
   * `numItems + 1` long. Read it only.
   */
  get offerable(): Uint8Array {
    return this.#offerable
  }

  /** Titles as the catalogue tells them; {@link changedTitles} goes before it. */
  get catalogTitles(): StringColumn {
    return this.#catalog.titles
  }

  /** Titles by item row that are not the catalogue's; `undefined` for one that was forgotten. */
  get changedTitles(): ReadonlyMap<number, string | undefined> {
    return this.#titles
  }

  /** Names of the attributes that some item has or had, `price` and `stock` among them. */
  get fieldNames(): readonly string[] {
    return [...this.#columns.keys()]
  }

  /** Returns a number that rises with every change to a field: `title`, `categoryPath`, `price`, `stock` or an attribute. */
  versionOf(field: string): number {
    return this.#versions.get(field) ?? 0
  }

  /** Returns the values of `price`, `stock` or an attribute, or `undefined` when no item has it. Read it only. */
  columnOf(field: string): AttributeColumn | undefined {
    return this.#columns.get(field)
  }

  /** Returns the row of an item, or `undefined` when neither the catalogue nor {@link addItem} knows it. */
  rowOf(itemId: string): number | undefined {
    return this.#catalog.rowOf(itemId) ?? this.#addedRows.get(itemId)
  }

  /**
   * Returns the id of an item row.
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if the row is not within `1..numItems`.
   */
  idOf(itemRow: number): string {
    return this.#addedIds[itemRow - this.#catalog.numItems - 1] ?? this.#catalog.idOf(itemRow)
  }

  /** Returns the title of an item row, or `undefined` when it has none. */
  titleOf(itemRow: number): string | undefined {
    if (this.#titles.has(itemRow)) return this.#titles.get(itemRow)
    return itemRow > this.#catalog.numItems ? undefined : this.#catalog.titleOf(itemRow)
  }

  /** Returns the price of one unit, or `undefined` when it is not known. */
  priceOf(itemRow: number): number | undefined {
    const price = readValue(this.#prices, itemRow) as number | undefined
    // The catalogue's column is float32, of which seven digits are the price as it was written.
    return price !== undefined && this.#isUntouched(itemRow) ? Number(price.toPrecision(7)) : price
  }

  /** Returns the price of each of some item rows as float32 or more exact; NaN where it is not known. */
  pricesOf(itemRows: Int32Array): Float64Array {
    const prices = new Float64Array(itemRows.length)
    for (let i = 0; i < prices.length; i++)
      prices[i] = this.#prices.values[itemRows[i] as number] as number
    return prices
  }

  /** Returns when price and stock of an item row were known to be so, in milliseconds since 1970-01-01 UTC; `-Infinity` without an update of either. */
  pricedAsOfMsOf(itemRow: number): number {
    return this.#pricedAsOfMs[itemRow] as number
  }

  /** Returns the category path of an item row, widest level first; `[]` without one. */
  categoryPathOf(itemRow: number): readonly string[] {
    return this.categories.paths[this.#categoryCodes[itemRow] as number] as readonly string[]
  }

  /** Returns the stock or an attribute of an item row, or `undefined` when it is not known. */
  valueOf(itemRow: number, field: string): AttributeValue | undefined {
    if (field === 'price') return this.priceOf(itemRow)
    const column = this.#columns.get(field)
    return column === undefined ? undefined : readValue(column, itemRow)
  }

  /**
   * Adds an item of which nothing is known but its id.
   *
   * @returns Its row, `numItems` after the call.
   * @throws {@link RecommenderError} `INVALID_INPUT` if the id is empty or known.
   */
  addItem(itemId: string): number {
    if (itemId === '' || this.rowOf(itemId) !== undefined) {
      throw new RecommenderError(
        'INVALID_INPUT',
        `Expected \`itemId\` to be new and not empty, got '${itemId}'.`,
      )
    }
    const itemRow = this.numItems + 1
    if (itemRow >= this.#active.length) this.#grow(Math.ceil(1.25 * (itemRow + 1)))
    this.#addedIds.push(itemId)
    this.#addedRows.set(itemId, itemRow)
    this.#active[itemRow] = 1
    this.#offerable[itemRow] = 1
    this.#version++
    return itemRow
  }

  /**
   * Takes over what is known of an item now, all of it or nothing.
   *
   * @returns False when something newer is known already: then nothing changes.
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if the row is not within `1..numItems`; `INVALID_INPUT` as
   * {@link checkItemChanges} and {@link checkAttributeKinds} do.
   */
  update(itemRow: number, changes: ItemChanges): boolean {
    this.idOf(itemRow)
    checkItemChanges(changes, 'item')
    const { asOfMs, title, categoryPath, price, stock, active, attributes = {} } = changes
    const { pricedAsOfMs = asOfMs } = changes
    checkAttributeKinds(attributes, this.#columns, 'item.attributes')
    if (asOfMs < (this.#asOfMs[itemRow] as number)) return false
    const knownPrice = this.priceOf(itemRow) ?? null
    this.#asOfMs[itemRow] = asOfMs
    if (price !== undefined || stock !== undefined) this.#pricedAsOfMs[itemRow] = pricedAsOfMs
    if (price === undefined) writeValue(this.#prices, itemRow, knownPrice)
    else this.#write('price', itemRow, price)
    if (stock !== undefined) this.#write('stock', itemRow, stock)
    for (const [name, value] of Object.entries(attributes)) this.#write(name, itemRow, value)
    if (title !== undefined) {
      this.#titles.set(itemRow, title ?? undefined)
      this.#touch('title')
    }
    if (categoryPath !== undefined) {
      this.#categoryCodes[itemRow] = this.categories.add(categoryPath ?? [])
      this.#touch('categoryPath')
    }
    if (active !== undefined) this.#active[itemRow] = active ? 1 : 0
    const isSoldOut = this.valueOf(itemRow, 'stock') === 0
    this.#offerable[itemRow] = isSoldOut ? 0 : (this.#active[itemRow] as number)
    this.#version++
    return true
  }

  #isUntouched(itemRow: number): boolean {
    return itemRow <= this.#catalog.numItems && this.#asOfMs[itemRow] === -Infinity
  }

  #write(field: string, itemRow: number, value: AttributeValue | null): void {
    let column = this.#columns.get(field)
    if (column === undefined) {
      if (value === null) return
      column = createColumn(kindOf(value), this.#active.length)
      this.#columns.set(field, column)
    }
    writeValue(column, itemRow, value)
    this.#touch(field)
  }

  #touch(field: string): void {
    this.#versions.set(field, this.versionOf(field) + 1)
  }

  #grow(capacity: number): void {
    const copyTo = <T extends Uint8Array | Int32Array | Float64Array>(longer: T, from: T): T => {
      longer.set(from)
      return longer
    }
    for (const column of this.#columns.values()) growColumn(column, capacity)
    const unknown = new Float64Array(capacity).fill(-Infinity)
    this.#asOfMs = copyTo(unknown.slice(), this.#asOfMs)
    this.#pricedAsOfMs = copyTo(unknown, this.#pricedAsOfMs)
    this.#categoryCodes = copyTo(new Int32Array(capacity), this.#categoryCodes)
    this.#active = copyTo(new Uint8Array(capacity), this.#active)
    this.#offerable = copyTo(new Uint8Array(capacity), this.#offerable)
  }
}
