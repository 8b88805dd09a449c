import { createRng, DAY_MS, type EventTable } from '@perennial/core'
import { createZipf } from './zipf.ts'

/** End of every generated log: two years of events lie before it. */
export const LOG_END_MS: number = Date.UTC(2026, 0, 1)

const SPAN_MS = 2 * 365 * DAY_MS
const MEDIAN_LENGTH = 20
const MAX_LENGTH = 1000

/** Options of {@link generateLog}. */
export interface GenerateLogOptions {
  readonly numUsers: number
  readonly seed: number
}

/**
 * Returns purchases drawn at random: items by Zipf's law in order of row, log-normal numbers of events a
 * user (median 20, deviation of the logarithm 1, at most 1000), times uniform over two years.
 *
 * @param itemIds - External ids by item row `1..numItems`; row 0 is added here.
 */
export function generateLog(
  itemIds: readonly string[],
  { numUsers, seed }: GenerateLogOptions,
): EventTable {
  const rng = createRng(seed, 0x6c6f67)
  const drawItem = createZipf(itemIds.length, { rng })
  const lengths = Array.from({ length: numUsers }, () => {
    const length = Math.round(MEDIAN_LENGTH * Math.exp(rng.nextNormal()))
    return Math.min(MAX_LENGTH, Math.max(1, length))
  })
  const numEvents = lengths.reduce((sum, length) => sum + length, 0)
  const userRows = new Int32Array(numEvents)
  const timestampMs = new Float64Array(numEvents)
  let start = 0
  for (const [userRow, length] of lengths.entries()) {
    userRows.fill(userRow, start, start + length)
    for (let i = start; i < start + length; i++) {
      timestampMs[i] = LOG_END_MS - SPAN_MS + rng.nextInt(SPAN_MS)
    }
    timestampMs.subarray(start, start + length).sort()
    start += length
  }
  return {
    userIds: lengths.map((_, userRow) => `customer-${userRow}`),
    itemIds: ['', ...itemIds],
    eventTypeNames: ['purchase'],
    currency: null,
    userRows,
    itemRows: Int32Array.from({ length: numEvents }, () => 1 + drawItem()),
    timestampMs,
    quantities: Float32Array.from({ length: numEvents }, () => 1 + rng.nextInt(3)),
    prices: Float32Array.from({ length: numEvents }, () => 1 + rng.nextInt(5000) / 100),
    eventTypes: new Uint8Array(numEvents),
  }
}
