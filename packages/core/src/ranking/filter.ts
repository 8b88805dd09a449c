import { ItemCatalog } from '../data/item-catalog.ts'
import type { StringColumn } from '../data/string-column.ts'
import type { AttributeColumn } from './attribute-column.ts'
import type { ItemAttributes } from './item-attributes.ts'
import { markTitles } from './mark-titles.ts'

/**
 * Which items may be recommended.
 *
 * Fields are `itemId`, `title`, `categoryPath`, `price`, `stock` and every attribute by its name. An item that lacks the
 * field of a condition does not meet it, `notIn` included: `not` around `in` lets such an item through, `notIn` does not.
 * A price is compared as float32, since that is how a catalogue keeps it: 19.99 is within `max: 19.99`.
 *
 * @example
 * const filter: Filter = {
 *   all: [
 *     { field: 'price', max: 30 },
 *     { field: 'brand', notIn: ['Acme'] },
 *     { not: { field: 'categoryPath', under: ['Drinks', 'Alcohol'] } },
 *   ],
 * }
 */
export type Filter =
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  /** Category path that begins with these levels, widest first. */
  | { readonly field: 'categoryPath'; readonly under: readonly string[] }
  /** Price, stock or a number attribute within `[min, max]`; at least one bound. */
  | {
      readonly field: string
      readonly min?: number | undefined
      readonly max?: number | undefined
    }
  /** Exactly one of these values, all of one type. */
  | { readonly field: string; readonly in: FilterValues }
  /** Known, and none of these values, all of one type. */
  | { readonly field: string; readonly notIn: FilterValues }

/** Texts for `itemId`, `title` and text attributes; numbers for `price`, `stock` and number attributes; flags for flags. */
export type FilterValues = readonly string[] | readonly number[] | readonly boolean[]

/** What a condition reads of all items. */
interface FilterItems {
  readonly numItems: number
  readonly categoryPaths: readonly (readonly string[])[]
  readonly categoryCodes: Int32Array
  rowOf(itemId: string): number | undefined
  /** Titles of the item rows `1..catalogTitles.length`, where {@link changedTitles} does not say otherwise. */
  readonly catalogTitles: StringColumn
  readonly changedTitles: ReadonlyMap<number, string | undefined>
  columnOf(field: string): AttributeColumn | undefined
}

type Range = Extract<Filter, { min?: number | undefined }>

/**
 * Resolves a filter to one flag an item, so that no user code runs inside a search.
 *
 * Nothing meets a condition on an attribute that no item has; {@link checkFilter} can refuse such a filter.
 *
 * @param filter - Checked by {@link checkFilter}.
 * @param items - Items as a shop tells them now, or as the catalogue of a model does: without stock and attributes.
 * @returns Shape `[numItems + 1]`: 1 where the item meets the filter; row 0 is 0.
 */
export function resolveFilter(filter: Filter, items: ItemAttributes | ItemCatalog): Uint8Array {
  const flags = resolve(filter, items instanceof ItemCatalog ? ofCatalog(items) : items)
  flags[0] = 0
  return flags
}

function ofCatalog(catalog: ItemCatalog): FilterItems {
  const { numItems, categoryPaths, categoryPathCodes, prices } = catalog
  return {
    numItems,
    categoryPaths,
    categoryCodes: categoryPathCodes,
    rowOf: (itemId) => catalog.rowOf(itemId),
    catalogTitles: catalog.titles,
    changedTitles: new Map(),
    columnOf: (field) => (field === 'price' ? { kind: 'number', values: prices } : undefined),
  }
}

function resolve(filter: Filter, items: FilterItems): Uint8Array {
  if ('not' in filter) {
    const flags = resolve(filter.not, items)
    const words = wordsOf(flags)
    for (let i = 0; i < words.length; i++) words[i] = (words[i] as number) ^ 0x01010101
    return flags
  }
  if ('all' in filter || 'any' in filter) {
    const [first, ...others] = 'all' in filter ? filter.all : filter.any
    const joined = resolve(first as Filter, items)
    const words = wordsOf(joined)
    const merge = 'all' in filter ? keepCommon : addOthers
    for (const other of others) merge(words, wordsOf(resolve(other, items)))
    return joined
  }
  // Whole words of four flags, so that flags can be joined four at a time.
  const flags = new Uint8Array(
    new ArrayBuffer(4 * Math.ceil((items.numItems + 1) / 4)),
    0,
    items.numItems + 1,
  )
  if ('under' in filter) markUnder(flags, filter.under, items)
  else if ('in' in filter) markIn(flags, { ...filter, values: filter.in, wanted: true }, items)
  else if ('notIn' in filter)
    markIn(flags, { ...filter, values: filter.notIn, wanted: false }, items)
  else markRange(flags, filter, items.columnOf(filter.field))
  return flags
}

function wordsOf(flags: Uint8Array): Int32Array {
  return new Int32Array(flags.buffer)
}

function keepCommon(words: Int32Array, others: Int32Array): void {
  for (let i = 0; i < words.length; i++) words[i] = (words[i] as number) & (others[i] as number)
}

function addOthers(words: Int32Array, others: Int32Array): void {
  for (let i = 0; i < words.length; i++) words[i] = (words[i] as number) | (others[i] as number)
}

function markUnder(flags: Uint8Array, under: readonly string[], items: FilterItems): void {
  const { categoryPaths, categoryCodes } = items
  const isUnder = Uint8Array.from(categoryPaths, (path) =>
    under.every((level, i) => path[i] === level) ? 1 : 0,
  )
  for (let row = 1; row < flags.length; row++)
    flags[row] = isUnder[categoryCodes[row] as number] as number
}

function markRange(flags: Uint8Array, range: Range, column: AttributeColumn | undefined): void {
  if (column?.kind !== 'number') return
  const { values } = column
  let { min = -Infinity, max = Infinity } = range
  if (range.field !== 'price') {
    // Without branches: which rows meet a range follows no pattern that a processor could foresee.
    for (let row = 1; row < flags.length; row++) {
      const value = values[row] as number
      flags[row] = Number(value >= min) & Number(value <= max)
    }
    return
  }
  min = Math.fround(min)
  max = Math.fround(max)
  for (let row = 1; row < flags.length; row++) {
    const price = Math.fround(values[row] as number)
    flags[row] = Number(price >= min) & Number(price <= max)
  }
}

/** Marks the items whose value is known and among `values`, or, with `wanted` false, not among them. */
function markIn(
  flags: Uint8Array,
  {
    field,
    values,
    wanted,
  }: { readonly field: string; readonly values: FilterValues; readonly wanted: boolean },
  items: FilterItems,
): void {
  const hit = wanted ? 1 : 0
  if (field === 'itemId') {
    if (!wanted) flags.fill(1)
    for (const itemId of values as readonly string[]) {
      const itemRow = items.rowOf(itemId)
      if (itemRow !== undefined) flags[itemRow] = hit
    }
    return
  }
  if (field === 'title') {
    const titles = new Set(values as readonly string[])
    markTitles(flags, items.catalogTitles, { titles, wanted })
    for (const [itemRow, title] of items.changedTitles)
      flags[itemRow] = title !== undefined && titles.has(title) === wanted ? 1 : 0
    return
  }
  const column = items.columnOf(field)
  if (column?.kind === 'number') {
    const rounded = field === 'price' ? Math.fround : (value: number): number => value
    const numbers = new Set<unknown>(values.map((value) => rounded(value as number)))
    for (let row = 1; row < flags.length; row++) {
      const value = rounded(column.values[row] as number)
      if (!Number.isNaN(value) && numbers.has(value) === wanted) flags[row] = 1
    }
  } else if (column !== undefined) markCodes(flags, column, { values, wanted })
}

function markCodes(
  flags: Uint8Array,
  column: Exclude<AttributeColumn, { kind: 'number' }>,
  { values, wanted }: { readonly values: FilterValues; readonly wanted: boolean },
): void {
  const codes = column.kind === 'text' ? column.codes : column.values
  const meets = new Uint8Array(column.kind === 'text' ? column.texts.length : 3)
  if (!wanted) meets.fill(1, 1)
  for (const value of values) {
    const code =
      column.kind === 'text' ? column.codeOf.get(value as string) : value === true ? 2 : 1
    if (code !== undefined) meets[code] = wanted ? 1 : 0
  }
  for (let row = 1; row < flags.length; row++) flags[row] = meets[codes[row] as number] as number
}
