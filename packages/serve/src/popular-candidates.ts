import { type CandidateOptions, type Candidates, NUM_ALSO } from './candidates.ts'
import type { RecommendResponse } from './recommendation.ts'
import type { ServedModel } from './served-model.ts'

/** Returns what sells lately, the same for everyone; the way out when nothing is known of a customer. */
export function findPopularCandidates(
  { popular, attributes }: Pick<ServedModel, 'popular' | 'attributes'>,
  { allowed, minCandidates, alsoAllowed }: CandidateOptions,
  history: RecommendResponse['history'],
): Candidates {
  const { numItems } = attributes
  const best = popular.best(minCandidates, { allowed, numItems })
  const also =
    alsoAllowed === undefined ? [] : popular.best(NUM_ALSO, { allowed: alsoAllowed, numItems })
  const itemRows = Int32Array.from(new Set([...best, ...also]))
  return {
    itemRows,
    scores: Float32Array.from(itemRows, (itemRow) => popular.popularityOf(itemRow)),
    isOwn: new Uint8Array(itemRows.length),
    path: 'popular',
    note: explainPopular(history),
    forecastOf: () => undefined,
    explain: async (places) => places.map(() => ({ code: 'popular' })),
  }
}

function explainPopular({ later, unknownItemIds }: RecommendResponse['history']): string {
  if (unknownItemIds.length > 0) {
    return 'Ranked by popularity: no event up to asOf is of an item that the model knows.'
  }
  if (later > 0) return 'Ranked by popularity: every event of the history is after asOf.'
  return 'Ranked by popularity: no events are known of this customer.'
}
