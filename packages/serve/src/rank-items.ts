import { type BlendConfig, type History, repeatScores, type SearchResult } from '@perennial/core'
import { type CandidateOptions, NUM_ALSO } from './candidates.ts'
import { fitFlags } from './retrieval/fit-flags.ts'
import type { VectorIndex } from './retrieval/vector-index.ts'

/** Items with their scores and the two parts of each, as columns of one length, in no order. */
export interface RankedItems {
  readonly itemRows: Int32Array
  readonly scores: Float32Array
  /** Inner products of query and item vectors. */
  readonly queryScores: Float32Array
  /** What the customer's own purchases of the items add; 0 for an item never bought. */
  readonly repeatScores: Float32Array
  /** 1 where the customer bought the item before. */
  readonly isOwn: Uint8Array
  /** Mean query score of the {@link NUM_CONTENDERS} best items by query and the items of the history. */
  readonly meanQueryScore: number
}

/** How many of the best items by query a list is compared with, whatever its length. */
export const NUM_CONTENDERS = 100

/** Options of {@link rankItems}. */
export interface RankItemsOptions extends CandidateOptions {
  readonly history: History
  /** The allowed items nearest to the query, {@link NUM_CONTENDERS} at least. @defaultValue they are searched for */
  readonly nearest?: SearchResult | undefined
}

/**
 * Scores the allowed items with the highest score, and all allowed ones of the history.
 *
 * Only items of the history have a repeat part, so the best by query together with the whole history
 * hold the best by score: with an exact index the `minCandidates` best are those of a full scan.
 *
 * @param query - Shape `[dim]`.
 */
export async function rankItems(
  {
    index,
    blend,
  }: {
    readonly index: Pick<VectorIndex, 'search' | 'score' | 'numItems'>
    readonly blend: BlendConfig
  },
  query: Float32Array,
  { history, minCandidates, allowed, alsoAllowed, alsoRows = [], nearest }: RankItemsOptions,
): Promise<RankedItems> {
  const [found, also] = await Promise.all([
    nearest ??
      index.search(query, Math.max(minCandidates, NUM_CONTENDERS), {
        allowed: fitFlags(allowed, index.numItems),
      }),
    alsoAllowed &&
      index.search(query, NUM_ALSO, { allowed: fitFlags(alsoAllowed, index.numItems) }),
  ])
  const repeats = repeatScores(history, blend)
  const places = new Map<number, number>()
  const rows: number[] = []
  const products: number[] = []
  const add = (itemRow: number, queryScore: number): void => {
    places.set(itemRow, rows.length)
    rows.push(itemRow)
    products.push(queryScore)
  }
  let sum = 0
  let numContenders = 0
  const { itemRows: foundRows, scores: foundScores } = found
  for (let i = 0; i < foundRows.length; i++) {
    const queryScore = foundScores[i] as number
    add(foundRows[i] as number, queryScore)
    if (i >= NUM_CONTENDERS) continue
    sum += queryScore
    numContenders++
  }
  for (const itemRow of repeats.keys()) {
    if (allowed?.[itemRow] === 0) continue
    let place = places.get(itemRow)
    if (place === undefined) {
      place = rows.length
      add(itemRow, index.score(query, itemRow))
    }
    // Those found among the first are contenders already.
    if (place < NUM_CONTENDERS && place < foundRows.length) continue
    sum += products[place] as number
    numContenders++
  }
  also?.itemRows.forEach((itemRow, i) => {
    if (!places.has(itemRow)) add(itemRow, also.scores[i] as number)
  })
  for (const itemRow of alsoRows)
    if (!places.has(itemRow)) add(itemRow, index.score(query, itemRow))

  const numRows = rows.length
  const scores = new Float32Array(numRows)
  const ownScores = new Float32Array(numRows)
  const isOwn = new Uint8Array(numRows)
  for (let i = 0; i < numRows; i++) {
    const repeatScore = repeats.get(rows[i] as number)
    if (repeatScore !== undefined) isOwn[i] = 1
    ownScores[i] = repeatScore ?? 0
    scores[i] = (products[i] as number) + (repeatScore ?? 0)
  }
  return {
    itemRows: Int32Array.from(rows),
    scores,
    queryScores: Float32Array.from(products),
    repeatScores: ownScores,
    isOwn,
    meanQueryScore: numContenders === 0 ? 0 : sum / numContenders,
  }
}
