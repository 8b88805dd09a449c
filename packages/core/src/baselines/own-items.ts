import { buildBaskets, dayOf } from '../data/baskets.ts'
import type { History } from '../data/sequences.ts'
import type { PopularityFill } from './popularity-fill.ts'

/** One item of a user's own history. */
export interface OwnItem {
  readonly itemRow: number
  /** Sum over the distinct days it was bought on. */
  weight: number
  /** Days between the last purchase and the question. */
  age: number
}

/**
 * Returns the distinct items of a history, in order of first purchase.
 *
 * @param weigh - Weight of one purchase by its age in days, 0 or more.
 */
export function collectOwnItems(history: History, weigh: (age: number) => number): OwnItem[] {
  const { days, offsets, itemRows } = buildBaskets(history)
  const asOfDay = dayOf(history.asOfMs)
  const items = new Map<number, OwnItem>()
  days.forEach((day, b) => {
    const age = asOfDay - day
    const weight = weigh(age)
    for (const itemRow of itemRows.subarray(offsets[b], offsets[b + 1])) {
      const item = items.get(itemRow)
      if (item === undefined) items.set(itemRow, { itemRow, weight, age })
      else {
        item.weight += weight
        item.age = age
      }
    }
  })
  return [...items.values()]
}

/**
 * Writes the scores of one history: own items in the given order, below them the others by popularity.
 *
 * The scores are ranks. Weights would not do: in float32 a tie-break of a millionth is lost beside them.
 *
 * @param order - Own items, best first.
 * @param scores - Shape `[numItems + 1]`, fully overwritten.
 */
export function writeOwnItems(
  order: readonly OwnItem[],
  scores: Float32Array,
  fill: PopularityFill,
): void {
  scores.set(fill.scores)
  order.forEach(({ itemRow }, i) => {
    scores[itemRow] = order.length - i
  })
}
