import { DAY_MS } from '../data/columns.ts'
import type { History } from '../data/sequences.ts'
import { type Budget, isWithinBudget } from './budget.ts'
import type { ItemAttributes } from './item-attributes.ts'
import type { OwnedItem } from './policy-context.ts'

/**
 * Why an item is in a list, taken from the parts of its score. Codes are stable.
 *
 * `repeat`: the repeat part of the score weighs more than the network's part.
 * `because-of`: leaving `itemId` out of the history lowers the item's score most.
 * `sequence`: no single item of the history accounts for it; the history as a whole does.
 * `similar-customers`: customers with a history like this one bought it lately; without that the score would be lower.
 * `popular`: what sells well lately, not this customer's history, puts it there.
 * `goes-with`: it is an accessory of something that the customer bought.
 * `new-in-category`: it has come into a category since training, so that its place is that of its category.
 * `popular-in-category`: it sells well lately among the items of a category.
 * `fits-budget`: its price is within the budget that the request names; a reason beside another one.
 */
export type Reason =
  | {
      readonly code: 'repeat'
      /** Distinct UTC days on which the customer bought the item. */
      readonly timesBought: number
      readonly daysSinceLast: number
      /** Median days between two purchases; `null` when the item was bought on one day only. */
      readonly typicalGapDays: number | null
    }
  | { readonly code: 'because-of'; readonly itemId: string; readonly title: string | null }
  | { readonly code: 'sequence' }
  | { readonly code: 'similar-customers' }
  | { readonly code: 'popular' }
  | {
      readonly code: 'goes-with'
      /** What the customer bought. */
      readonly itemId: string
      readonly title: string | null
      /** Day of that purchase in UTC, such as `2026-01-31`. */
      readonly boughtOn: string
    }
  | {
      readonly code: 'new-in-category' | 'popular-in-category'
      /** Category path, widest level first. */
      readonly category: readonly string[]
    }
  | {
      readonly code: 'fits-budget'
      readonly price: number
      /** Bounds of the budget; `null` where it has none. */
      readonly min: number | null
      readonly max: number | null
    }

/**
 * Returns whether the repeat part of a score is its larger part.
 *
 * The two parts have different zeros, so the query score counts only as far as it lifts the item above
 * the other candidates of the list: `repeatScore > queryScore - meanQueryScore`.
 *
 * @param meanQueryScore - Mean query score of the candidates that the list was chosen from.
 */
export function isRepeatReason(
  repeatScore: number,
  queryScore: number,
  meanQueryScore: number,
): boolean {
  return repeatScore > 0 && repeatScore > queryScore - meanQueryScore
}

/** Returns when and how often a history holds an item, as the `repeat` reason tells it. */
export function describeRepeat(
  history: History,
  itemRow: number,
): Extract<Reason, { code: 'repeat' }> {
  const days: number[] = []
  history.itemRows.forEach((row, i) => {
    const day = Math.floor((history.timestampMs[i] as number) / DAY_MS)
    if (row === itemRow && day !== days.at(-1)) days.push(day)
  })
  const gaps = days.slice(1).map((day, i) => day - (days[i] as number))
  return {
    code: 'repeat',
    timesBought: days.length,
    daysSinceLast: Math.floor(history.asOfMs / DAY_MS) - (days.at(-1) as number),
    typicalGapDays: gaps.length === 0 ? null : median(gaps),
  }
}

/** Returns the `goes-with` reason of an accessory. */
export function describeAccessory(
  { ownedRow, day }: OwnedItem,
  attributes: ItemAttributes,
): Extract<Reason, { code: 'goes-with' }> {
  return {
    code: 'goes-with',
    itemId: attributes.idOf(ownedRow),
    title: attributes.titleOf(ownedRow) ?? null,
    boughtOn: new Date(day * DAY_MS).toISOString().slice(0, 10),
  }
}

/** Returns the `fits-budget` reason, or `undefined` when a price is not within the budget or not known. */
export function describeBudgetFit(
  budget: Budget,
  price: number | undefined,
): Extract<Reason, { code: 'fits-budget' }> | undefined {
  if (price === undefined || !isWithinBudget(budget, price)) return undefined
  return { code: 'fits-budget', price, min: budget.min ?? null, max: budget.max ?? null }
}

/**
 * Returns which position of `occludedScores` explains a score by its absence, or -1 when none does.
 *
 * @param score - The item's query score with the whole history.
 * @param occludedScores - The same with one part of the history left out, one entry a part; NaN is skipped.
 */
export function findCause(score: number, occludedScores: readonly number[]): number {
  // Below this share a drop is rounding, not a cause.
  const threshold = 1e-5 * Math.max(1, Math.abs(score))
  let cause = -1
  let largest = threshold
  occludedScores.forEach((occluded, i) => {
    if (!(score - occluded > largest)) return
    largest = score - occluded
    cause = i
  })
  return cause
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}
