import {
  describeRepeat,
  findCause,
  type History,
  isRepeatReason,
  type Reason,
} from '@perennial/core'
import type { EncoderHistory } from './encoder/onnx-encoder.ts'
import { innerProduct, type Ranking } from './rank-items.ts'
import type { ServedModel } from './served-model.ts'

/** Most items of a history that are left out in turn. */
export const MAX_OCCLUDED = 10

/** A history with each of its items left out in turn. */
export interface Occlusions {
  /** The items left out, newest first; at most {@link MAX_OCCLUDED}. */
  readonly leftOut: readonly number[]
  /** What remains of the history, one entry an item left out; empty where nothing remains. */
  readonly remaining: readonly EncoderHistory[]
}

/**
 * Leaves out each of the newest distinct items of what the encoder sees, all its events at once. What remains keeps its
 * times and the time of the question.
 */
export function buildOcclusions({ itemRows, timestampMs, asOfMs }: EncoderHistory): Occlusions {
  const leftOut = [...new Set(itemRows.toReversed())].slice(0, MAX_OCCLUDED)
  return {
    leftOut,
    remaining: leftOut.map((itemRow) => ({
      itemRows: itemRows.filter((row) => row !== itemRow),
      timestampMs: timestampMs.filter((_, i) => itemRows[i] !== itemRow),
      asOfMs,
    })),
  }
}

/**
 * Returns why each item of a ranking is there, in its order, from the parts of its score.
 *
 * `repeat` when the repeat part is the larger; else `because-of` the item of the history without which
 * the query score falls most; else `sequence`. An item is never the cause of itself.
 *
 * @param query - Encodes the whole history: shape `[dim]`.
 * @param occludedQueries - One entry an item left out; zeros where nothing remained to encode.
 */
export function explainItems(
  { catalog, items: { vectors, dim } }: ServedModel,
  { items, meanQueryScore }: Ranking,
  {
    history,
    query,
    leftOut,
    occludedQueries,
  }: {
    readonly history: History
    readonly query: Float32Array
    readonly leftOut: readonly number[]
    readonly occludedQueries: readonly Float32Array[]
  },
): Reason[] {
  return items.map(({ itemRow, queryScore, repeatScore }): Reason => {
    if (isRepeatReason(repeatScore, queryScore, meanQueryScore))
      return describeRepeat(history, itemRow)
    const offset = itemRow * dim
    const occludedScores = occludedQueries.map((occluded, i) =>
      leftOut[i] === itemRow ? Number.NaN : innerProduct(occluded, vectors, offset),
    )
    const cause = leftOut[findCause(innerProduct(query, vectors, offset), occludedScores)]
    if (cause === undefined) return { code: 'sequence' }
    const { itemId, title = null } = catalog.recordOf(cause)
    return { code: 'because-of', itemId, title }
  })
}
