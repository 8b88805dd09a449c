import {
  describeRepeat,
  findCause,
  type History,
  isRepeatReason,
  type Reason,
} from '@perennial/core'
import type { EncoderHistory } from './encoder/onnx-encoder.ts'
import type { RankedItems } from './rank-items.ts'
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

/** What explains items. */
export interface ExplainItemsOptions {
  readonly ranked: RankedItems
  readonly history: History
  /** Encodes the whole history: shape `[dim]`. */
  readonly query: Float32Array
  readonly leftOut: readonly number[]
  /** One entry an item left out; zeros where nothing remained to encode. */
  readonly occludedQueries: readonly Float32Array[]
}

/**
 * Returns why the ranked items at `places` are there, in the order of these, from the parts of their scores.
 *
 * `repeat` when the repeat part is the larger; else `because-of` the item of the history without which
 * the query score falls most; else `sequence`. An item is never the cause of itself.
 */
export function explainItems(
  { attributes, index }: Pick<ServedModel, 'attributes' | 'index'>,
  places: readonly number[],
  { ranked, history, query, leftOut, occludedQueries }: ExplainItemsOptions,
): Reason[] {
  return places.map((place): Reason => {
    const itemRow = ranked.itemRows[place] as number
    const repeatScore = ranked.repeatScores[place] as number
    const queryScore = ranked.queryScores[place] as number
    if (isRepeatReason(repeatScore, queryScore, ranked.meanQueryScore))
      return describeRepeat(history, itemRow)
    const occludedScores = occludedQueries.map((occluded, i) =>
      leftOut[i] === itemRow ? Number.NaN : index.score(occluded, itemRow),
    )
    const cause = leftOut[findCause(index.score(query, itemRow), occludedScores)]
    if (cause === undefined) return { code: 'sequence' }
    return {
      code: 'because-of',
      itemId: attributes.idOf(cause),
      title: attributes.titleOf(cause) ?? null,
    }
  })
}
