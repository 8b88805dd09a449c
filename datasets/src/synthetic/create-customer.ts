import { createRng, DAY_MS, hash32, type ItemRecord, type Rng, shuffle } from '@perennial/core'
import { type Assortment, type Category, PRICE_BANDS, type PriceBand } from './assortment.ts'
import { type LifecycleConfig, MECHANISM, START_MS, STREAM } from './lifecycle-config.ts'

/** Why a purchase happened. */
export type Cause = 'need' | 'durable' | 'accessory' | 'random'

/** One item in one order. */
export interface LifecycleEvent {
  readonly userId: string
  readonly itemId: string
  /** Days since the first day of the log. */
  readonly day: number
  /** Local time of the shop, read as UTC; the same for all events of a customer's day. */
  readonly timestampMs: number
  readonly quantity: number
  /** Price of one unit. */
  readonly price: number
  readonly cause: Cause
}

/** A need that recurs, as it stands after the last day. */
export interface NeedTruth {
  readonly category: string
  /** The customer's own interval. */
  readonly intervalDays: number
  /** What the customer wants next. */
  readonly nextItemId: string
  /** Day on which it is due, `yyyy-mm-dd`, after the last day; `null` for a lapsed customer. */
  readonly nextDueDate: string | null
}

/** What is true of a customer after the last day. */
export interface CustomerTruth {
  readonly userId: string
  readonly stage: 'new' | 'active' | 'lapsed'
  readonly priceBand: PriceBand
  readonly needs: readonly NeedTruth[]
  /** Items bought once and not needed again. */
  readonly durablesOwned: readonly string[]
  /** Accessories of owned durables that will be bought after the last day. */
  readonly accessoriesToFollow: readonly { readonly itemId: string; readonly dueDate: string }[]
}

/** A customer's events, oldest first, at most one an item and day, and the truth behind them. */
export interface Customer {
  readonly events: readonly LifecycleEvent[]
  readonly truth: CustomerTruth
}

/** A purchase before it is priced. */
interface Purchase {
  readonly day: number
  readonly itemRow: number
  readonly cause: Cause
}

/** A customer while being drawn: `band` is a position in `PRICE_BANDS`; days in `[start, end)` have purchases. */
interface Draft {
  readonly rng: Rng
  readonly band: 0 | 1 | 2
  readonly start: number
  readonly end: number
  readonly lapsed: boolean
  readonly joinsLater: boolean
  readonly purchases: Purchase[]
}

/** Creates customer number `userRow`, the same one whatever the number of customers. */
export function createCustomer(
  userRow: number,
  config: LifecycleConfig,
  assortment: Assortment,
): Customer {
  const userId = `C${String(userRow + 1).padStart(7, '0')}`
  const draft = drawDraft(createRng(config.seed, STREAM.customer, userRow), config.days)
  const needs = drawNeeds(draft, config, assortment)
  const durables = drawDurables(draft, config, assortment)
  addRandomPurchases(draft, config, assortment)
  const idOf = (itemRow: number): string => recordOf(assortment, itemRow).itemId
  const events = mergeDays(draft.purchases).map(({ day, itemRow, cause }): LifecycleEvent => {
    const clock = hash32(config.seed, STREAM.clock, userRow, day)
    return {
      userId,
      itemId: idOf(itemRow),
      day,
      timestampMs: START_MS + day * DAY_MS + (8 * 60 + (clock % (13 * 60))) * 60_000,
      quantity: hash32(clock, itemRow) % 5 === 0 && cause !== 'durable' ? 2 : 1,
      price: recordOf(assortment, itemRow).price as number,
      cause,
    }
  })
  const isNew = (events[0] as LifecycleEvent).day >= config.days - MECHANISM.newCustomerDays
  return {
    events,
    truth: {
      userId,
      stage: draft.lapsed ? 'lapsed' : isNew ? 'new' : 'active',
      priceBand: PRICE_BANDS[draft.band],
      needs: needs.map(({ category, intervalDays, nextItemRow, nextDay }) => ({
        category,
        intervalDays,
        nextItemId: idOf(nextItemRow),
        nextDueDate: draft.lapsed ? null : dateOf(nextDay),
      })),
      durablesOwned: durables.owned.map(idOf),
      accessoriesToFollow: durables.toFollow.map(({ itemRow, day }) => ({
        itemId: idOf(itemRow),
        dueDate: dateOf(day),
      })),
    },
  }
}

/**
 * Returns the days until a need recurs, before jitter: the own interval over the season,
 * `1 + 0.6 cos(2 pi (day - peak) / 365.25)`.
 */
export function gapAfter(day: number, intervalDays: number, peakDay: number | null): number {
  if (peakDay === null) return intervalDays
  return intervalDays / (1 + 0.6 * Math.cos((2 * Math.PI * (day - peakDay)) / 365.25))
}

function drawDraft(rng: Rng, days: number): Draft {
  const u = rng.next()
  const [low, middle] = MECHANISM.bandShares
  const band = u < low ? 0 : u < low + middle ? 1 : 2
  const joinsLater = rng.next() < MECHANISM.joinLaterShare
  const start = joinsLater ? rng.nextInt(days) : 0
  // Thirty days, so that every customer buys before lapsing.
  const lapsed = rng.next() < MECHANISM.lapseShare && start + 30 < days
  const end = lapsed ? start + 30 + rng.nextInt(days - start - 30) : days
  return { rng, band, start, end, lapsed, joinsLater, purchases: [] }
}

interface DrawnNeed {
  readonly category: string
  readonly intervalDays: number
  readonly nextItemRow: number
  readonly nextDay: number
}

function drawNeeds(
  draft: Draft,
  { difficulty }: LifecycleConfig,
  { consumables }: Assortment,
): DrawnNeed[] {
  const { rng, band, start, end } = draft
  const chosen = shuffle([...consumables.keys()], rng).slice(0, 2 + rng.nextInt(4))
  return chosen.map((position, i): DrawnNeed => {
    const category = consumables[position] as Category
    const spread = Math.exp(MECHANISM.intervalSpread * rng.nextNormal())
    const intervalDays = Math.max(3, Math.round(category.intervalDays * spread))
    const itemAt = chooseItems(category, draft)
    const startsLate = i > 0 && rng.next() < MECHANISM.lateNeedShare
    let day = startsLate
      ? start + rng.nextInt(end - start)
      : start + firstDelay(draft, i, intervalDays)
    let count = 0
    for (; day < end; count++) {
      const rows = category.itemRows[band]
      const substitute = rng.next() < MECHANISM.substitution * difficulty
      const itemRow = substitute ? (rows[rng.nextInt(rows.length)] as number) : itemAt(count)
      draft.purchases.push({ day, itemRow, cause: 'need' })
      const jitter = Math.exp(MECHANISM.jitter * difficulty * rng.nextNormal())
      day += Math.max(1, Math.round(gapAfter(day, intervalDays, category.peakDay) * jitter))
    }
    return { category: category.name, intervalDays, nextItemRow: itemAt(count), nextDay: day }
  })
}

/** A customer who joins buys for the first need at once; those from before the log are amid their intervals. */
function firstDelay({ rng, joinsLater }: Draft, i: number, intervalDays: number): number {
  if (i > 0) return rng.nextInt(intervalDays)
  return joinsLater ? 0 : rng.nextInt(Math.min(intervalDays, 30))
}

/** Returns the item row of a need's n-th purchase: a favourite, or starter kit, refill A, B, A, B, ... */
function chooseItems(category: Category, { rng, band }: Draft): (count: number) => number {
  const rows = category.itemRows[band]
  if (!category.chain) {
    const favourite = rows[skewedInt(rng, rows.length)] as number
    return () => favourite
  }
  const first = 3 * skewedInt(rng, Math.floor(rows.length / 3))
  return (count) => rows[first + (count === 0 ? 0 : 2 - (count % 2))] as number
}

function drawDurables(
  draft: Draft,
  { days }: LifecycleConfig,
  { durables, accessories }: Assortment,
): { owned: number[]; toFollow: { itemRow: number; day: number }[] } {
  const { rng, band, start, end } = draft
  const owned: number[] = []
  const toFollow: { itemRow: number; day: number }[] = []
  for (const position of shuffle([...durables.keys()], rng).slice(0, rng.nextInt(4))) {
    const rows = (durables[position] as Category).itemRows[band]
    const place = skewedInt(rng, rows.length)
    const day = start + rng.nextInt(end - start)
    draft.purchases.push({ day, itemRow: rows[place] as number, cause: 'durable' })
    owned.push(rows[place] as number)
    if (rng.next() >= MECHANISM.accessoryProbability) continue
    const fitting = (accessories[position] as Category).itemRows[band]
    const itemRow = fitting[place % fitting.length] as number
    const { accessoryMinDays, accessoryMaxDays } = MECHANISM
    const later = day + accessoryMinDays + rng.nextInt(accessoryMaxDays - accessoryMinDays + 1)
    if (later < end) draft.purchases.push({ day: later, itemRow, cause: 'accessory' })
    else if (end === days && !draft.lapsed) toFollow.push({ itemRow, day: later })
  }
  return { owned, toFollow }
}

/** Adds purchases of popular items until they are the wanted share of all. */
function addRandomPurchases(
  { rng, band, start, end, purchases }: Draft,
  { difficulty }: LifecycleConfig,
  { popular }: Assortment,
): void {
  const wanted = (purchases.length * difficulty) / (1 - difficulty)
  const count = Math.floor(wanted + rng.next())
  const rows = popular[band]
  for (let i = 0; i < count; i++) {
    const day = start + rng.nextInt(end - start)
    purchases.push({ day, itemRow: rows[skewedInt(rng, rows.length)] as number, cause: 'random' })
  }
}

/** Sorts by day and keeps the first cause of an item on a day. */
function mergeDays(purchases: readonly Purchase[]): Purchase[] {
  const seen = new Set<string>()
  return purchases
    .filter(({ day, itemRow }) => {
      const key = `${day} ${itemRow}`
      return !seen.has(key) && seen.add(key)
    })
    .sort((a, b) => a.day - b.day)
}

/** Draws from `0..limit-1` with a density that falls as the square root of the place: `limit * u^2`. */
function skewedInt(rng: Rng, limit: number): number {
  return Math.floor(limit * rng.next() ** 2)
}

function recordOf({ items }: Assortment, itemRow: number): ItemRecord {
  return items[itemRow - 1] as ItemRecord
}

function dateOf(day: number): string {
  return new Date(START_MS + day * DAY_MS).toISOString().slice(0, 10)
}
