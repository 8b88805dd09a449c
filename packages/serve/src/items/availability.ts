import { checkNumber, DAY_MS, type ItemAttributes } from '@perennial/core'

/** Which items a shop can sell; the same object as long as these are the same items. */
export interface Availability {
  /** Shape `[numItems + 1]`: 1 for an item that can be sold. Shared: read it only. */
  readonly flags: Uint8Array
  readonly numAvailable: number
}

/** Options of {@link createAvailability}. */
export interface AvailabilityOptions {
  /** Age in days from which a price or stock is stale, above 0. @defaultValue never */
  readonly maxPriceAgeDays?: number | undefined
  /** Whether items with a stale price or stock are left out rather than flagged. @defaultValue false */
  readonly dropStale?: boolean | undefined
}

/** Tells what can be sold, and what was known too long ago. */
export interface AvailabilityTable {
  /** Returns what can be sold at a time. */
  at(nowMs: number): Availability
  /** Returns when price and stock of an item were known to be so, milliseconds since 1970-01-01 UTC. */
  asOfMs(itemRow: number): number
  isStale(itemRow: number, nowMs: number): boolean
}

/** How long an answer about staleness stands: looking at every item takes a millisecond for a million of them. */
const REFRESH_MS = 60_000

/**
 * Creates a table over items that may change.
 *
 * @param trainedUntilMs - When prices that the shop did not update were known to be so.
 * @throws {@link RecommenderError} `INVALID_OPTION`.
 */
export function createAvailability(
  attributes: ItemAttributes,
  trainedUntilMs: number,
  { maxPriceAgeDays = Infinity, dropStale = false }: AvailabilityOptions = {},
): AvailabilityTable {
  if (maxPriceAgeDays !== Infinity)
    checkNumber('maxPriceAgeDays', maxPriceAgeDays, Number.MIN_VALUE)
  let known: { availability: Availability; version: number; atMs: number } | undefined
  const asOfMs = (itemRow: number): number => {
    const updatedMs = attributes.pricedAsOfMsOf(itemRow)
    return updatedMs === -Infinity ? trainedUntilMs : updatedMs
  }
  const isStale = (itemRow: number, nowMs: number): boolean =>
    nowMs - asOfMs(itemRow) > maxPriceAgeDays * DAY_MS
  const dropsStale = dropStale && maxPriceAgeDays !== Infinity
  return {
    at: (nowMs) => {
      const { version } = attributes
      const isCurrent =
        known?.version === version && (!dropsStale || Math.abs(nowMs - known.atMs) < REFRESH_MS)
      if (known === undefined || !isCurrent) {
        const seen = look(nowMs)
        const isSame = known !== undefined && equals(known.availability, seen)
        known = {
          availability: known !== undefined && isSame ? known.availability : seen,
          version,
          atMs: nowMs,
        }
      }
      return known.availability
    },
    asOfMs,
    isStale,
  }

  function look(nowMs: number): Availability {
    const { numItems, offerable } = attributes
    // A copy: what was answered before stays as it was, so that a change can be seen.
    const flags = offerable.slice(0, numItems + 1)
    let numAvailable = 0
    for (let row = 1; row <= numItems; row++) {
      if (dropsStale && isStale(row, nowMs)) flags[row] = 0
      numAvailable += flags[row] as number
    }
    return { flags, numAvailable }
  }
}

function equals(a: Availability, b: Availability): boolean {
  const { length } = a.flags
  if (a.numAvailable !== b.numAvailable || length !== b.flags.length) return false
  for (let row = 1; row < length; row++) if (a.flags[row] !== b.flags[row]) return false
  return true
}
