import type { EventTable, ItemRecord } from '@perennial/core'
import type { BuiltEvents } from './build-event-table.ts'
import type { EventCollector } from './event-collector.ts'

/** Marks that part the levels of a category, the least likely within a name first. */
const CATEGORY_SEPARATORS = ['>', '|', '/'] as const

/** What the items file says of one item. */
export interface ItemDetails {
  readonly title: string
  readonly category: string
  readonly price: number
}

/** Options of {@link buildItemRecords}. */
export interface BuildItemRecordsOptions {
  /** By item id. */
  readonly details: ReadonlyMap<string, ItemDetails>
  /** What parts category levels; `null` for one level. */
  readonly categorySeparator: string | null
}

/**
 * Builds one record an item: those with events in row order, then those of the items file alone.
 *
 * The items file wins over the events; of the events the last title and category, and the latest price.
 */
export function buildItemRecords(
  collector: EventCollector,
  { events, itemRows }: BuiltEvents,
  { details, categorySeparator }: BuildItemRecordsOptions,
): ItemRecord[] {
  const latest = latestPrices(events)
  const toRecord = (
    itemId: string,
    title: string | undefined,
    category: string | undefined,
    price: number,
  ): ItemRecord => {
    const listed = details.get(itemId)
    const known = listed !== undefined && !Number.isNaN(listed.price) ? listed.price : price
    return {
      itemId,
      title: listed?.title || title,
      categoryPath: splitCategory(listed?.category || category, categorySeparator),
      price: Number.isNaN(known) ? undefined : known,
    }
  }
  const records: ItemRecord[] = []
  collector.items.ids.forEach((itemId, i) => {
    const row = itemRows[i] as number
    if (row === 0) return
    records.push(
      toRecord(itemId, collector.titles[i], collector.categories[i], latest[row] as number),
    )
  })
  const withEvents = new Set(events.itemIds)
  for (const itemId of details.keys()) {
    if (!withEvents.has(itemId)) records.push(toRecord(itemId, undefined, undefined, Number.NaN))
  }
  return records
}

/** Guesses what parts category levels: the mark that most categories contain, or `null`. */
export function guessCategorySeparator(categories: readonly (string | undefined)[]): string | null {
  const counts = CATEGORY_SEPARATORS.map(
    (mark) => categories.filter((category) => category?.includes(mark)).length,
  )
  const most = Math.max(...counts)
  return most === 0 ? null : (CATEGORY_SEPARATORS[counts.indexOf(most)] as string)
}

function splitCategory(category: string | undefined, separator: string | null): string[] {
  if (category === undefined || category === '') return []
  const levels = separator === null ? [category] : category.split(separator)
  return levels.map((level) => level.trim()).filter((level) => level !== '')
}

/** Price of the latest event by item row, NaN without one. */
function latestPrices({ itemIds, itemRows, timestampMs, prices }: EventTable): Float32Array {
  const latest = new Float32Array(itemIds.length).fill(Number.NaN)
  const latestMs = new Float64Array(itemIds.length).fill(-Infinity)
  for (let i = 0; i < itemRows.length; i++) {
    const item = itemRows[i] as number
    const price = prices[i] as number
    if (Number.isNaN(price) || (timestampMs[i] as number) < (latestMs[item] as number)) continue
    latest[item] = price
    latestMs[item] = timestampMs[i] as number
  }
  return latest
}
