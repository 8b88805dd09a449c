import type { EventTable } from '@perennial/core'
import type { EventCollector } from './event-collector.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'

/** Columns that make two events of one user at one time the same. */
const IDENTITY = ['itemRow', 'quantity', 'price', 'orderHash', 'eventType', 'currency'] as const

/** The kept events, and the row that each item of the collector has in them. */
export interface BuiltEvents {
  readonly events: EventTable
  /** Item row by position in `collector.items`; 0 if no event is left. */
  readonly itemRows: Int32Array
}

/** Options of {@link buildEventTable}. */
export interface BuildEventTableOptions {
  /** Currency to keep. @defaultValue the most frequent */
  readonly currency?: string | undefined
  /** Column that names the currency, for examples. */
  readonly currencyColumn: string | null
  readonly keepDuplicates: boolean
}

/**
 * Builds the event table from what was collected: sorted by user, time and input order, without other
 * currencies and duplicates. Users and items are numbered in the order in which they first appeared.
 *
 * Frees the columns of the log as it goes, so the log is empty afterwards.
 */
export function buildEventTable(
  collector: EventCollector,
  { currency: wanted, currencyColumn, keepDuplicates }: BuildEventTableOptions,
): BuiltEvents {
  const { log, users, items, currencies } = collector
  const order = sortByUserAndTime(log, users.ids.length)
  const isDropped = new Uint8Array(log.length)
  const currency = chooseCurrency(collector, wanted)
  for (let i = 0; currencyColumn !== null && i < log.length; i++) {
    const code = currencies.ids[log.at('currency', i)] as string
    if (code === currency) continue
    isDropped[i] = 1
    collector.dropEvent(i, 'otherCurrency', currencyColumn, code)
  }
  if (!keepDuplicates) markDuplicates(collector, order, isDropped)
  for (const column of ['sourceRow', 'orderHash', 'currency'] as const) log.release(column)

  let numKept = 0
  for (const i of order) if (isDropped[i] === 0) order[numKept++] = i
  const kept = order.subarray(0, numKept)
  const take = <T extends Int32Array | Float64Array | Float32Array | Uint8Array>(
    column: keyof LoggedEvent,
    target: T,
  ): T => {
    const filled = log.gather(column, kept, target)
    log.release(column)
    return filled
  }
  const userRows = take('userRow', new Int32Array(numKept))
  const itemRows = take('itemRow', new Int32Array(numKept))
  const usersLeft = renumber(userRows, users.ids.length, 0)
  const itemsLeft = renumber(itemRows, items.ids.length, 1)
  return {
    itemRows: itemsLeft,
    events: {
      userIds: users.ids.filter((_, u) => usersLeft[u] !== -1),
      itemIds: ['', ...items.ids.filter((_, i) => itemsLeft[i] !== 0)],
      eventTypeNames: collector.eventTypes.ids,
      currency,
      userRows,
      itemRows,
      timestampMs: take('timestampMs', new Float64Array(numKept)),
      quantities: take('quantity', new Float32Array(numKept)),
      prices: take('price', new Float32Array(numKept)),
      eventTypes: take('eventType', new Uint8Array(numKept)),
    },
  }
}

/** Positions of all events by user, then time, then input order: a counting sort, then one sort a user. */
function sortByUserAndTime(log: EventLog, numUsers: number): Int32Array {
  const ends = new Int32Array(numUsers + 1)
  for (let i = 0; i < log.length; i++) {
    const next = log.at('userRow', i) + 1
    ends[next] = (ends[next] as number) + 1
  }
  for (let u = 0; u < numUsers; u++) ends[u + 1] = (ends[u + 1] as number) + (ends[u] as number)
  const order = new Int32Array(log.length)
  const fill = ends.slice(0, numUsers)
  for (let i = 0; i < log.length; i++) {
    const user = log.at('userRow', i)
    const to = fill[user] as number
    order[to] = i
    fill[user] = to + 1
  }
  const timeOf = (i: number): number => log.at('timestampMs', i)
  for (let u = 0; u < numUsers; u++) {
    const part = order.subarray(ends[u] as number, ends[u + 1] as number)
    let isSorted = true
    for (let j = 1; isSorted && j < part.length; j++) {
      isSorted = timeOf(part[j - 1] as number) <= timeOf(part[j] as number)
    }
    if (!isSorted) part.sort((a, b) => timeOf(a) - timeOf(b) || a - b)
  }
  return order
}

/** Equal events have the same user and time, so they lie in one run of the order. */
function markDuplicates(collector: EventCollector, order: Int32Array, isDropped: Uint8Array): void {
  const { log, items } = collector
  const compare = (a: number, b: number): number => {
    for (const column of IDENTITY) {
      const [left, right] = [log.at(column, a), log.at(column, b)]
      if (left === right || (Number.isNaN(left) && Number.isNaN(right))) continue
      // An unknown price, NaN, sorts behind all others.
      return left < right || Number.isNaN(right) ? -1 : 1
    }
    return 0
  }
  const isSameMoment = (a: number, b: number): boolean =>
    log.at('userRow', a) === log.at('userRow', b) &&
    log.at('timestampMs', a) === log.at('timestampMs', b)
  const isDuplicate = new Uint8Array(log.length)
  for (let start = 0, end = 0; start < order.length; start = end) {
    end = start + 1
    while (end < order.length && isSameMoment(order[start] as number, order[end] as number)) end++
    if (end - start === 1) continue
    const run = order.slice(start, end).sort((a, b) => compare(a, b) || a - b)
    for (let j = 1; j < run.length; j++) {
      const i = run[j] as number
      if (compare(run[j - 1] as number, i) === 0) isDuplicate[i] = 1
    }
  }
  for (let i = 0; i < log.length; i++) {
    if (isDropped[i] === 1 || isDuplicate[i] === 0) continue
    isDropped[i] = 1
    collector.dropEvent(i, 'duplicate', null, `item ${items.ids[log.at('itemRow', i)]}`)
  }
}

function chooseCurrency(collector: EventCollector, wanted: string | undefined): string | null {
  const { log, currencies } = collector
  if (wanted !== undefined) return wanted
  const counts = new Float64Array(currencies.ids.length)
  for (let i = 0; i < log.length; i++) {
    const code = log.at('currency', i)
    counts[code] = (counts[code] as number) + 1
  }
  return currencies.ids[counts.indexOf(Math.max(...counts))] || null
}

/** Renumbers rows from `first` without those that have no event, keeping their order; gives new rows by old. */
function renumber(rows: Int32Array, numRows: number, first: 0 | 1): Int32Array {
  const isUsed = new Uint8Array(numRows)
  for (const row of rows) isUsed[row] = 1
  let next = first as number
  const renumbered = Int32Array.from(isUsed, (used) => (used === 1 ? next++ : first - 1))
  for (let i = 0; i < rows.length; i++) rows[i] = renumbered[rows[i] as number] as number
  return renumbered
}
