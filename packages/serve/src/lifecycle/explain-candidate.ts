import { describeRepeat, type History, type Ranking, type Reason } from '@perennial/core'
import type { RankedCandidate } from './rank-candidates.ts'

/** Returns why a candidate is in a list, from the parts of its score. */
export function explainCandidate(
  { itemRow, isOwn, neighborPart }: RankedCandidate,
  { history, ranking }: { readonly history: History; readonly ranking: Ranking },
): Reason {
  if (isOwn) return describeRepeat(history, itemRow)
  const isByNeighbors = neighborPart === undefined ? ranking === 'neighbor-blend' : neighborPart > 0
  return { code: isByNeighbors ? 'similar-customers' : 'popular' }
}
