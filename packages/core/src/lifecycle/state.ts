import { dayOf } from '../data/baskets.ts'
import type { Sequences } from '../data/sequences.ts'
import { ItemStatistics } from './item-statistics.ts'
import { Population, type PopulationOptions } from './population.ts'

/** Options of {@link LifecycleState}. */
export interface LifecycleStateOptions extends PopulationOptions {
  /** Days ahead that are predicted; see `ItemStatistics`. */
  readonly horizonDays: number
}

/** One purchase as the state takes it. */
export interface Purchase {
  readonly userRow: number
  readonly itemRow: number
  /** Days since 1970-01-01 UTC. */
  readonly day: number
  /** Price of one unit; NaN when unknown. */
  readonly price: number
}

/**
 * All that is known of a shop at a time, beside each customer's own history: what items do and who is like whom.
 *
 * Purchases come in order of their day; one that is late counts, without a gap. Each takes a few microseconds: one step
 * for each item that the user owns. Training replays the past up to a cut and serving goes on from there, so both see the same;
 * nothing of the future can be in it, since it was not added yet.
 */
export class LifecycleState {
  readonly items: ItemStatistics
  readonly population: Population

  constructor(options: LifecycleStateOptions) {
    this.items = new ItemStatistics(options)
    this.population = new Population(options)
  }

  /** Adds one purchase. */
  add({ userRow, itemRow, day, price }: Purchase): void {
    const lastVisit = this.population.lastVisitOf(userRow)
    if (lastVisit !== undefined && day > lastVisit)
      this.items.addVisit(this.population.itemsOf(userRow), day)
    const { count, gapDays } = this.population.add(userRow, itemRow, day)
    if (count === 0) return
    if (count > 1 && gapDays > 0) this.items.addRebuy(itemRow, day)
    this.items.addPurchase({ itemRow, day, price, count, gapDays })
  }
}

/** Feeds a log to states in order of time. */
export interface Replay {
  /** Adds all events of days before `asOfDay` that were not added yet. */
  until(asOfDay: number): void
}

/** Returns a replay of sequences into a state, oldest day first; within a day by user row. */
export function createReplay(state: LifecycleState, sequences: Sequences): Replay {
  const { itemRows, prices } = sequences
  const { userRows, days, order } = orderPurchases(sequences)
  let next = 0
  return {
    until: (asOfDay) => {
      for (; next < order.length; next++) {
        const e = order[next] as number
        const day = days[e] as number
        if (day >= asOfDay) break
        state.add({
          userRow: userRows[e] as number,
          itemRow: itemRows[e] as number,
          day,
          price: prices[e] as number,
        })
      }
    },
  }
}

/** Events of sequences in order of time. */
export interface PurchaseOrder {
  /** User row of each event. */
  readonly userRows: Int32Array
  /** Day of each event, since 1970-01-01 UTC. */
  readonly days: Int32Array
  /** Positions of events, oldest day first; within a day by user row. */
  readonly order: Int32Array
}

/** Returns whose each event is, its day, and all events in order of day. */
export function orderPurchases({ numUsers, offsets, timestampMs }: Sequences): PurchaseOrder {
  const numEvents = offsets[numUsers] as number
  const days = Int32Array.from(timestampMs.subarray(0, numEvents), dayOf)
  const userRows = new Int32Array(numEvents)
  for (let u = 0; u < numUsers; u++) userRows.fill(u, offsets[u], offsets[u + 1])
  return { userRows, days, order: orderByDay(days) }
}

/** Returns positions by day, those of one day in their order (counting sort). */
function orderByDay(days: Int32Array): Int32Array {
  let first = Infinity
  let last = -Infinity
  for (const day of days) {
    if (day < first) first = day
    if (day > last) last = day
  }
  if (days.length === 0) return new Int32Array(0)
  const starts = new Int32Array(last - first + 2)
  for (const day of days) starts[day - first + 1] = (starts[day - first + 1] as number) + 1
  for (let d = 1; d < starts.length; d++)
    starts[d] = (starts[d] as number) + (starts[d - 1] as number)
  const order = new Int32Array(days.length)
  for (let e = 0; e < days.length; e++) {
    const d = (days[e] as number) - first
    order[starts[d] as number] = e
    starts[d] = (starts[d] as number) + 1
  }
  return order
}
