import { type Baskets, buildBaskets, dayOf } from '../data/baskets.ts'
import type { History } from '../data/sequences.ts'

/** Half-lives of a customer's own purchases, in days. */
export const OWN_HALF_LIVES = [7, 15, 30, 60, 120, 365] as const
/** Newest visits in which an item is looked for. */
export const NEWEST_VISITS = [1, 3, 5, 10] as const
/** Factor by which a purchase counts less with every visit since. */
const VISIT_DECAY = 0.8

/** What a customer has done with one item. */
export interface CustomerItem {
  readonly itemRow: number
  /** Days on which he bought it. */
  count: number
  firstDay: number
  lastDay: number
  /** Purchases, each counting half after {@link OWN_HALF_LIVES} days. */
  readonly decayed: Float64Array
  /** `sum of max(age, 0.5)^-0.5` over the purchases, ages in days. */
  activation: number
  /** `sum of 0.8^(visits since)` over the purchases. */
  visitDecayed: number
  /** Purchases within the {@link NEWEST_VISITS}. */
  readonly inNewest: Float64Array
  /** Visits after the newest purchase, and from the first purchase on. */
  visitsSince: number
  visitsSinceFirst: number
  /** Units in all, and at the newest purchase. */
  units: number
  lastUnits: number
  /** Sum of the log gaps between purchases and of their squares; gaps in days, at least 1. */
  logGaps: number
  squaredLogGaps: number
}

/** A customer at a time: his visits and what follows from them alone. */
export interface Customer {
  /** Row in the training data, where he is known. */
  readonly userRow: number | undefined
  /** Day of the question; nothing later is known. */
  readonly asOfDay: number
  /** One basket a visit, oldest first. */
  readonly visits: Baskets
  /** By item row, in order of first purchase. */
  readonly own: ReadonlyMap<number, CustomerItem>
  /** Share of purchases that were repeats, each counting half after 90 days, smoothed. */
  readonly repeatShare: number
}

/** Returns a history as a customer. */
export function describeCustomer(history: History): Customer {
  const visits = buildBaskets(history)
  const asOfDay = dayOf(history.asOfMs)
  const { days, offsets, itemRows, quantities } = visits
  const own = new Map<number, CustomerItem>()
  let repeats = 0.3
  let purchases = 1
  for (const [v, day] of days.entries()) {
    const age = Math.max(asOfDay - day, 0)
    const visitsAfter = days.length - 1 - v
    const decays = OWN_HALF_LIVES.map((halfLife) => 0.5 ** (age / halfLife))
    const activation = Math.max(age, 0.5) ** -0.5
    const visitWeight = VISIT_DECAY ** visitsAfter
    const repeatWeight = 0.5 ** (age / 90)
    for (let i = offsets[v] as number; i < (offsets[v + 1] as number); i++) {
      const itemRow = itemRows[i] as number
      let item = own.get(itemRow)
      if (item === undefined) {
        item = newItem(itemRow, day, visitsAfter + 1)
        own.set(itemRow, item)
      } else {
        const logGap = Math.log(day - item.lastDay)
        item.logGaps += logGap
        item.squaredLogGaps += logGap * logGap
        repeats += repeatWeight
      }
      purchases += repeatWeight
      item.count++
      item.lastDay = day
      for (let h = 0; h < decays.length; h++)
        item.decayed[h] = (item.decayed[h] as number) + (decays[h] as number)
      item.activation += activation
      item.visitDecayed += visitWeight
      for (let n = 0; n < NEWEST_VISITS.length; n++)
        if (visitsAfter < (NEWEST_VISITS[n] as number))
          item.inNewest[n] = (item.inNewest[n] as number) + 1
      item.visitsSince = visitsAfter
      item.units += quantities[i] as number
      item.lastUnits = quantities[i] as number
    }
  }
  return { userRow: history.userRow, asOfDay, visits, own, repeatShare: repeats / purchases }
}

function newItem(itemRow: number, day: number, visitsSinceFirst: number): CustomerItem {
  return {
    itemRow,
    count: 0,
    firstDay: day,
    lastDay: day,
    decayed: new Float64Array(OWN_HALF_LIVES.length),
    activation: 0,
    visitDecayed: 0,
    inNewest: new Float64Array(NEWEST_VISITS.length),
    visitsSince: 0,
    visitsSinceFirst,
    units: 0,
    lastUnits: 0,
    logGaps: 0,
    squaredLogGaps: 0,
  }
}

/** Returns the distinct items of a customer with their purchases, each counting half after `halfLifeDays`. */
export function decayedProfile(
  { visits, asOfDay, own }: Customer,
  halfLifeDays: number,
): { readonly itemRows: Int32Array; readonly weights: Float64Array } {
  const place = new Map<number, number>()
  for (const itemRow of own.keys()) place.set(itemRow, place.size)
  const weights = new Float64Array(own.size)
  for (const [v, day] of visits.days.entries()) {
    const weight = 0.5 ** (Math.max(asOfDay - day, 0) / halfLifeDays)
    for (const itemRow of visits.itemRows.subarray(visits.offsets[v], visits.offsets[v + 1])) {
      const at = place.get(itemRow) as number
      weights[at] = (weights[at] as number) + weight
    }
  }
  return { itemRows: Int32Array.from(own.keys()), weights }
}
