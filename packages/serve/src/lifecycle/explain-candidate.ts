import { describeRepeat, type History, type Ranking, type Reason } from '@perennial/core'

/** What a reason is made of. */
export interface CandidateParts {
  readonly itemRow: number
  readonly score: number
  readonly isOwn: boolean
  /** By how much the score would fall if no user alike had bought the item. */
  readonly neighborPart: number
}

/** Returns why a candidate is in a list, from the parts of its score. */
export function explainCandidate(
  { itemRow, score, isOwn, neighborPart }: CandidateParts,
  { history, ranking }: { readonly history: History; readonly ranking: Ranking },
): Reason {
  if (isOwn && ranking !== 'popularity') return describeRepeat(history, itemRow)
  // What is less than this is rounding, not a part of the score.
  const isByNeighbors = neighborPart > 1e-5 * Math.max(1, Math.abs(score))
  return { code: isByNeighbors ? 'similar-customers' : 'popular' }
}
