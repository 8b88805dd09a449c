import { selectTopK } from '../top-k.ts'
import type { Customer } from './customer.ts'
import type { ItemScores } from './item-scores.ts'

/** Something that scores items for a customer: a feature of each candidate, and a source of candidates. */
export interface Signal {
  /** Name of its feature after `score.`, and of its source, for example `user_knn`. */
  readonly name: string
  readonly formula: string
  readonly unit: string
  /** Turns to a customer; the other calls are about him until the next. */
  turnTo(customer: Customer): void
  /** The feature of an item. */
  valueOf(itemRow: number): number
  /** Returns at most `count` items that the customer does not own, best first. */
  best(count: number): Int32Array
}

/** Returns the `count` items with the highest score that the customer does not own, best first. */
export function bestNew(scores: ItemScores, { own }: Customer, count: number): Int32Array {
  const { itemRows } = scores
  const values = new Float32Array(itemRows.length)
  for (let n = 0; n < values.length; n++) {
    const itemRow = itemRows[n] as number
    values[n] = own.has(itemRow) ? -Infinity : scores.of(itemRow)
  }
  return selectTopK(values, Math.min(count, values.length)).map((n) => itemRows[n] as number)
}
