import { RecommenderError } from '@perennial/core'
import { type ColumnRole, positionOf, type ResolvedMapping } from './column-mapping.ts'
import type { EventCollector } from './event-collector.ts'
import type { LoggedEvent } from './event-log.ts'
import { hashString } from './id-table.ts'
import type { IngestConfig } from './ingest-options.ts'
import { createNumberParser } from './number-parser.ts'
import type { RowReason } from './row-reasons.ts'
import type { RowSource } from './row-source.ts'
import type { TimestampParser } from './timestamp-parser.ts'

/** How exports write "no value". */
const NO_VALUE: ReadonlySet<string> = new Set(['nan', 'null', 'none', 'n/a', '\\n', 'undefined'])

/** Options of {@link createRowChecker}. */
export interface RowCheckerOptions {
  readonly source: RowSource
  readonly mapping: ResolvedMapping
  readonly config: IngestConfig
  readonly timestamps: TimestampParser
  /** Earliest and latest time kept, in milliseconds. */
  readonly minMs: number
  readonly maxMs: number
  readonly collector: EventCollector
}

/**
 * Creates the function that checks one row of a file: it adds an event to the collector, or counts why not.
 *
 * What cannot be read is looked for first, then the rules, both in the order of `ROW_REASONS`.
 */
export function createRowChecker({
  source,
  mapping,
  config,
  timestamps,
  minMs,
  maxMs,
  collector,
}: RowCheckerOptions): (values: readonly string[], row: number) => void {
  const { file, columns } = source
  const at = (role: ColumnRole): number => positionOf(columns, mapping, role)
  const [userAt, itemAt, timeAt] = [at('userId'), at('itemId'), at('timestamp')]
  const [quantityAt, priceAt, currencyAt] = [at('quantity'), at('price'), at('currency')]
  const [typeAt, categoryAt] = [at('eventType'), at('categoryPath')]
  const [titleAt, orderAt] = [at('title'), at('orderId')]
  const { cancelPrefix, dropFree, maxPrice = Infinity, normalizeItemIds, itemPattern } = config
  const productPattern = itemPattern === undefined ? undefined : new RegExp(itemPattern)
  const parseNumber = createNumberParser(config.decimal)
  const { log, users, items, eventTypes, currencies, tally } = collector
  const event: LoggedEvent = {
    userRow: 0,
    itemRow: 0,
    timestampMs: 0,
    quantity: 1,
    price: Number.NaN,
    eventType: 0,
    currency: 0,
    orderHash: 0,
    sourceRow: 0,
  }
  const describeColumn = (position: number): string => `${file}, column '${columns[position]}'`
  // The row under check; closures made anew for each row would cost a third of the time.
  let values: readonly string[] = []
  let row = 0
  const drop = (reason: RowReason, position: number): void => {
    const column = columns[position] ?? null
    const value = column === null ? values.join(source.delimiter ?? ' ') : (values[position] ?? '')
    tally.add(reason, { file, row, column, value })
  }
  const read = (position: number): string =>
    position < 0 ? '' : (values[position] as string).trim()

  return (checkedValues, checkedRow) => {
    values = checkedValues
    row = checkedRow
    if (values.length !== columns.length) return drop('fieldCount', -1)
    let itemId = read(itemAt)
    if (isMissing(itemId)) return drop('itemMissing', itemAt)
    if (normalizeItemIds === 'upper') itemId = itemId.toUpperCase()
    event.timestampMs = timestamps.parse(read(timeAt))
    if (Number.isNaN(event.timestampMs)) return drop(timestamps.failure, timeAt)
    if (quantityAt >= 0) {
      event.quantity = parseNumber(read(quantityAt))
      if (Number.isNaN(event.quantity)) return drop('quantityUnreadable', quantityAt)
    }
    const priceText = read(priceAt)
    event.price = isMissing(priceText) ? Number.NaN : parseNumber(priceText)
    if (Number.isNaN(event.price) && !isMissing(priceText)) return drop('priceUnreadable', priceAt)
    if (event.price < 0) return drop('priceNegative', priceAt)
    const eventType = typeAt < 0 ? 'purchase' : read(typeAt).toLowerCase()
    if (eventType === '') return drop('eventTypeMissing', typeAt)
    const currency = read(currencyAt).toUpperCase()
    if (currencyAt >= 0 && currency === '') return drop('currencyMissing', currencyAt)

    const orderId = read(orderAt)
    if (cancelPrefix !== undefined && orderId.startsWith(cancelPrefix)) {
      return drop('cancellation', orderAt)
    }
    if (event.quantity < 0) return drop('returned', quantityAt)
    if (event.quantity === 0) return drop('zeroQuantity', quantityAt)
    const userId = read(userAt)
    if (isMissing(userId)) return drop('unknownCustomer', userAt)
    if (productPattern?.test(itemId) === false) return drop('notAProduct', itemAt)
    if (dropFree && event.price === 0) return drop('free', priceAt)
    if (event.price > maxPrice) return drop('priceAboveLimit', priceAt)
    const isInRange = event.timestampMs >= minMs && event.timestampMs <= maxMs
    if (!isInRange) return drop('dateOutOfRange', timeAt)

    event.userRow = users.rowOf(userId)
    event.itemRow = items.rowOf(itemId)
    event.eventType = eventTypes.rowOf(eventType)
    if (event.eventType > 255) throw describeTooMany(describeColumn(typeAt), eventType)
    event.currency = currencies.rowOf(currency)
    if (event.currency > 255) throw describeTooMany(describeColumn(currencyAt), currency)
    event.orderHash = orderAt < 0 ? 0 : hashString(orderId)
    event.sourceRow = row
    collector.describeItem(event.itemRow, read(titleAt), read(categoryAt))
    log.push(event)
  }
}

function isMissing(text: string): boolean {
  return text === '' || (text.length <= 9 && NO_VALUE.has(text.toLowerCase()))
}

/** Event types and currencies are numbered in one byte. */
function describeTooMany(where: string, value: string): RecommenderError {
  return new RecommenderError(
    'INVALID_INPUT',
    `${where}: more than 256 different values, '${value}' among them. Is this the right column? Name another, or none.`,
  )
}
