import { DAY_MS } from '../data/columns.ts'
import type { History } from '../data/sequences.ts'

/** How the one score is put together; see {@link repeatScores}. */
export interface BlendConfig {
  /** Weight of the repeat part; 0 means the network alone. Chosen on validation. */
  readonly repeatWeight: number
  /** Half-life of a purchase in the repeat part, in days. */
  readonly halfLifeDays: number
}

/**
 * Returns the repeat part of the one score, for the items of a history; it is 0 for every other item.
 *
 * `score(u, i) = query(u) . vector(i) + repeatWeight * ln(1 + d)`, where `d` sums
 * `0.5^(age / halfLifeDays)` over the distinct UTC days on which the user bought item `i`, and `age`
 * is the number of days from that day to the day of the question.
 *
 * @returns Repeat scores by item row, in order of first purchase.
 */
export function repeatScores(
  history: History,
  { repeatWeight, halfLifeDays }: BlendConfig,
): Map<number, number> {
  const { itemRows, timestampMs, asOfMs } = history
  const asOfDay = Math.floor(asOfMs / DAY_MS)
  const lastDays = new Map<number, number>()
  const scores = new Map<number, number>()
  for (let i = 0; i < itemRows.length; i++) {
    const itemRow = itemRows[i] as number
    const day = Math.floor((timestampMs[i] as number) / DAY_MS)
    if (lastDays.get(itemRow) === day) continue
    lastDays.set(itemRow, day)
    scores.set(itemRow, (scores.get(itemRow) ?? 0) + 0.5 ** ((asOfDay - day) / halfLifeDays))
  }
  for (const [itemRow, decayed] of scores) scores.set(itemRow, repeatWeight * Math.log1p(decayed))
  return scores
}

/**
 * Adds the repeat part of the one score to the query scores of all items, in place.
 *
 * @param scores - Shape `[numItems + 1]`: inner products of the query with every item vector.
 * @see {@link repeatScores}
 */
export function addRepeatScores(history: History, blend: BlendConfig, scores: Float32Array): void {
  if (blend.repeatWeight === 0) return
  for (const [itemRow, repeatScore] of repeatScores(history, blend)) {
    scores[itemRow] = (scores[itemRow] as number) + repeatScore
  }
}
