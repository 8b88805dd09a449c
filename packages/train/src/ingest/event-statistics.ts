import { DAY_MS, type EventTable } from '@perennial/core'
import type { ZoneClock } from './time-zone.ts'

/** Shares of prices in {@link EventStatistics}. */
const PRICE_SHARES = { p01: 0.01, p25: 0.25, median: 0.5, p75: 0.75, p99: 0.99, max: 1 } as const

/** What the kept events look like. A basket is all a customer's events of one local day. */
export interface EventStatistics {
  readonly numUsers: number
  readonly numItems: number
  readonly numBaskets: number
  /** ISO 8601, UTC. */
  readonly firstEvent: string
  readonly lastEvent: string
  /** Local months, oldest first, those without events included. */
  readonly eventsPerMonth: readonly { readonly month: string; readonly numEvents: number }[]
  /** Median number of different items in a basket. */
  readonly medianBasketSize: number
  /** Share of basket entries (customer, day, item) whose item the customer had bought on an earlier day, `0..1`. */
  readonly repeatShare: number
  /** Prices such that the share is at or below; `null` when no price is known. */
  readonly priceQuantiles: Readonly<Record<keyof typeof PRICE_SHARES, number>> | null
}

/** Computes statistics of at least one event. Days and months are those of `clock`, else UTC. */
export function computeEventStatistics(events: EventTable, clock?: ZoneClock): EventStatistics {
  const { userRows, itemRows, timestampMs } = events
  const toLocal = (ms: number): number => (clock === undefined ? ms : clock.toLocal(ms))
  const numItems = events.itemIds.length - 1
  const lastUser = new Int32Array(numItems + 1).fill(-1)
  const lastDay = new Int32Array(numItems + 1)
  const eventsByDay = new Map<number, number>()
  const basketSizes = new Map<number, number>()
  let basketSize = 0
  let numRepeats = 0
  let numEntries = 0
  let firstMs = Infinity
  let lastMs = -Infinity
  let user = -1
  let day = Number.NaN
  for (let i = 0; i < userRows.length; i++) {
    const eventDay = Math.floor(toLocal(timestampMs[i] as number) / DAY_MS)
    const item = itemRows[i] as number
    firstMs = Math.min(firstMs, timestampMs[i] as number)
    lastMs = Math.max(lastMs, timestampMs[i] as number)
    if (i > 0 && (userRows[i] !== user || eventDay !== day)) {
      increase(basketSizes, basketSize, 1)
      basketSize = 0
    }
    user = userRows[i] as number
    day = eventDay
    const isKnown = lastUser[item] === user
    if (!isKnown || lastDay[item] !== day) {
      numEntries++
      if (isKnown) numRepeats++
      basketSize++
    }
    lastUser[item] = user
    lastDay[item] = day
    increase(eventsByDay, day, 1)
  }
  increase(basketSizes, basketSize, 1)
  const numBaskets = [...basketSizes.values()].reduce((sum, count) => sum + count, 0)
  return {
    numUsers: events.userIds.length,
    numItems,
    numBaskets,
    firstEvent: new Date(firstMs).toISOString(),
    lastEvent: new Date(lastMs).toISOString(),
    eventsPerMonth: countByMonth(eventsByDay),
    medianBasketSize: medianOf(basketSizes, numBaskets),
    repeatShare: numRepeats / numEntries,
    priceQuantiles: computePriceQuantiles(events.prices),
  }
}

function countByMonth(eventsByDay: ReadonlyMap<number, number>): EventStatistics['eventsPerMonth'] {
  const counts = new Map<number, number>()
  for (const [day, numEvents] of eventsByDay) {
    const date = new Date(day * DAY_MS)
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth()
    increase(counts, month, numEvents)
  }
  const months = [...counts.keys()].sort((a, b) => a - b)
  const first = months[0] as number
  return Array.from({ length: (months.at(-1) as number) - first + 1 }, (_, i) => ({
    month: new Date(Date.UTC(Math.floor((first + i) / 12), (first + i) % 12))
      .toISOString()
      .slice(0, 7),
    numEvents: counts.get(first + i) ?? 0,
  }))
}

/** The lower median of values that are counted. */
function medianOf(counts: ReadonlyMap<number, number>, total: number): number {
  let seen = 0
  for (const value of [...counts.keys()].sort((a, b) => a - b)) {
    seen += counts.get(value) as number
    if (seen * 2 >= total) return value
  }
  return 0
}

function increase(counts: Map<number, number>, key: number, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

function computePriceQuantiles(prices: Float32Array): EventStatistics['priceQuantiles'] {
  const sorted = prices.slice().sort()
  // NaN, an unknown price, sorts last.
  const known = sorted.subarray(
    0,
    prices.reduce((n, price) => n + (Number.isNaN(price) ? 0 : 1), 0),
  )
  if (known.length === 0) return null
  const quantiles = Object.entries(PRICE_SHARES).map(([name, share]) => {
    const price = known[Math.max(0, Math.ceil(share * known.length) - 1)] as number
    // Prices are stored as float32; seven digits are what it holds.
    return [name, Number(price.toPrecision(7))]
  })
  return Object.fromEntries(quantiles)
}
