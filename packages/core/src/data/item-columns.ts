import { buildStringColumn, type StringColumn, stringAt } from './string-column.ts'

/** What is known of one item beside its events. */
export interface ItemRecord {
  readonly itemId: string
  readonly title?: string | undefined
  /** From the widest category to the narrowest. */
  readonly categoryPath?: readonly string[] | undefined
  /** Last known price of one unit. */
  readonly price?: number | undefined
}

/** Records of all items, column by column: a million of them take about 70 MB, a fifth of what objects would. */
export interface ItemColumns {
  /** By position: entry `i` is of item row `i + 1`. */
  readonly itemIds: StringColumn
  /** By position, as `itemIds`. */
  readonly titles: StringColumn
  /** Shape `[numItems + 1]`: last known price of one unit, by item row; NaN where unknown. */
  readonly prices: Float32Array
  /** Distinct category paths, widest level first; entry 0 is `[]`, the others by first appearance. */
  readonly categoryPaths: readonly (readonly string[])[]
  /** Shape `[numItems + 1]`: position in `categoryPaths` of each item row's path; 0 without one. */
  readonly categoryPathCodes: Int32Array
}

/** Builds the columns of records in row order. */
export function buildItemColumns(records: readonly ItemRecord[]): ItemColumns {
  const prices = new Float32Array(records.length + 1).fill(Number.NaN)
  const categoryPaths: (readonly string[])[] = [[]]
  const categoryPathCodes = new Int32Array(records.length + 1)
  const codes = new Map([['[]', 0]])
  records.forEach(({ price, categoryPath }, i) => {
    if (price !== undefined) prices[i + 1] = price
    if (categoryPath === undefined || categoryPath.length === 0) return
    const key = JSON.stringify(categoryPath)
    let code = codes.get(key)
    if (code === undefined) {
      code = categoryPaths.push([...categoryPath]) - 1
      codes.set(key, code)
    }
    categoryPathCodes[i + 1] = code
  })
  return {
    itemIds: buildStringColumn(records.map(({ itemId }) => itemId)),
    titles: buildStringColumn(records.map(({ title }) => title)),
    prices,
    categoryPaths,
    categoryPathCodes,
  }
}

/** Returns the record of an item row within `1..numItems`. */
export function recordAt(
  { itemIds, titles, prices, categoryPaths, categoryPathCodes }: ItemColumns,
  itemRow: number,
): ItemRecord {
  const price = prices[itemRow] as number
  return {
    itemId: stringAt(itemIds, itemRow - 1) ?? '',
    title: stringAt(titles, itemRow - 1),
    categoryPath: categoryPaths[categoryPathCodes[itemRow] as number],
    // A price stored as float32 carries seven digits; more of them would be noise, 15.319999694824219 for 15.32.
    price: Number.isNaN(price) ? undefined : Number(price.toPrecision(7)),
  }
}
