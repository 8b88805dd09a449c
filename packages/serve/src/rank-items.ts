import { type History, repeatScores, selectTopK } from '@perennial/core'
import type { ServedModel } from './served-model.ts'

/** One ranked item and the two parts of its score. */
export interface RankedItem {
  readonly itemRow: number
  readonly score: number
  /** Inner product of query and item vector. */
  readonly queryScore: number
  /** What the customer's own purchases of the item add; 0 for an item never bought. */
  readonly repeatScore: number
}

/** A ranked list and what its items were compared with. */
export interface Ranking {
  /** Best first. */
  readonly items: readonly RankedItem[]
  /** Mean query score of the {@link NUM_CONTENDERS} best items by query and the items of the history. */
  readonly meanQueryScore: number
}

/** How many of the best items by query a list is compared with, whatever its `k`. */
export const NUM_CONTENDERS = 100

/**
 * Returns the `k` allowed items with the highest score; equal scores by popularity, then item row.
 *
 * Only items of the history have a repeat part, so the best by query together with the whole history
 * hold the best by score: with an exact index the list is that of a full scan.
 *
 * @param query - Shape `[dim]`.
 */
export function rankItems(
  {
    index,
    items: { vectors, popularity, dim },
    blend,
  }: Pick<ServedModel, 'index' | 'items' | 'blend'>,
  query: Float32Array,
  { history, k, allowed }: { history: History; k: number; allowed: Uint8Array | undefined },
): Ranking {
  const found = index.search(query, Math.max(k, NUM_CONTENDERS), { allowed })
  const queryScores = new Map<number, number>()
  found.itemRows.forEach((itemRow, i) => {
    queryScores.set(itemRow, found.scores[i] as number)
  })
  const contenders = new Set(found.itemRows.subarray(0, NUM_CONTENDERS))
  const repeats = repeatScores(history, blend)
  for (const itemRow of repeats.keys()) {
    if (allowed?.[itemRow] === 0) continue
    contenders.add(itemRow)
    if (!queryScores.has(itemRow))
      queryScores.set(itemRow, innerProduct(query, vectors, itemRow * dim))
  }
  const ranked = Array.from(queryScores, ([itemRow, queryScore]): RankedItem => {
    const repeatScore = repeats.get(itemRow) ?? 0
    return { itemRow, queryScore, repeatScore, score: queryScore + repeatScore }
  })
  const popularityOf = ({ itemRow }: RankedItem): number => popularity[itemRow] as number
  ranked.sort(
    (a, b) => b.score - a.score || popularityOf(b) - popularityOf(a) || a.itemRow - b.itemRow,
  )
  let sum = 0
  for (const itemRow of contenders) sum += queryScores.get(itemRow) as number
  return { items: ranked.slice(0, k), meanQueryScore: sum / contenders.size }
}

/** Returns the `k` allowed items bought most often lately, with that number as score; ties by item row. */
export function rankPopular(
  { items: { popularity } }: ServedModel,
  k: number,
  allowed: Uint8Array | undefined,
): RankedItem[] {
  const scores = popularity.map((count, itemRow) => (allowed?.[itemRow] === 0 ? -Infinity : count))
  return Array.from(selectTopK(scores, Math.min(k, scores.length - 1), 1), (itemRow) => {
    const score = scores[itemRow] as number
    return { itemRow, score, queryScore: 0, repeatScore: 0 }
  })
}

/** Returns the inner product of `query` with the `query.length` values of `table` from `offset`. */
export function innerProduct(query: Float32Array, table: Float32Array, offset: number): number {
  let sum = 0
  for (let d = 0; d < query.length; d++) sum += (query[d] as number) * (table[offset + d] as number)
  return sum
}
