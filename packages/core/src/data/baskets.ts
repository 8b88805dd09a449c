import { DAY_MS } from './columns.ts'
import type { History } from './sequences.ts'

/**
 * What was bought on each day, oldest day first, as offsets and columns.
 *
 * The basket `b` is the range `offsets[b] .. offsets[b + 1] - 1` of `itemRows`.
 */
export interface Baskets {
  /** Shape `[numBaskets]`, rising: days since 1970-01-01 UTC. */
  readonly days: Int32Array
  /** Shape `[numBaskets + 1]`, rising, first value 0. */
  readonly offsets: Int32Array
  /** Distinct within a basket, in order of first appearance. */
  readonly itemRows: Int32Array
  /** Units of each, summed over the day. */
  readonly quantities: Float32Array
}

/**
 * Returns the events of a history grouped by calendar day (UTC), duplicates within a day removed.
 */
export function buildBaskets({
  itemRows,
  timestampMs,
  quantities,
}: Pick<History, 'itemRows' | 'timestampMs' | 'quantities'>): Baskets {
  const days: number[] = []
  const offsets: number[] = []
  const items: number[] = []
  const units: number[] = []
  const places = new Map<number, number>()
  for (let i = 0; i < itemRows.length; i++) {
    const day = dayOf(timestampMs[i] as number)
    if (day !== days.at(-1)) {
      days.push(day)
      offsets.push(items.length)
      places.clear()
    }
    const itemRow = itemRows[i] as number
    const quantity = quantities[i] as number
    const place = places.get(itemRow)
    if (place === undefined) {
      places.set(itemRow, items.length)
      items.push(itemRow)
      units.push(quantity)
    } else units[place] = (units[place] as number) + quantity
  }
  offsets.push(items.length)
  return {
    days: Int32Array.from(days),
    offsets: Int32Array.from(offsets),
    itemRows: Int32Array.from(items),
    quantities: Float32Array.from(units),
  }
}

/** Returns the calendar day of a time: days since 1970-01-01 UTC. */
export function dayOf(timestampMs: number): number {
  return Math.floor(timestampMs / DAY_MS)
}
