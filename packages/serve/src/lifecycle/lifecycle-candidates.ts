import type { CandidateOptions, Candidates } from '../candidates.ts'
import type { CustomerHistory } from '../customer-history.ts'
import type { ServedModel } from '../served-model.ts'
import { explainCandidate } from './explain-candidate.ts'
import { scoreCandidates } from './rank-candidates.ts'
import type { ServedLifecycle } from './served-lifecycle.ts'
import { withinCapacity } from './within-capacity.ts'

/** Options of {@link findLifecycleCandidates}. */
export interface LifecycleCandidatesOptions extends CandidateOptions {
  readonly customer: CustomerHistory
}

/** Returns a customer's candidates of all sources, scored by what earned its place in training. */
export async function findLifecycleCandidates(
  { popular, attributes }: Pick<ServedModel, 'popular' | 'attributes'>,
  lifecycle: ServedLifecycle,
  { customer, ...wanted }: LifecycleCandidatesOptions,
): Promise<Candidates> {
  const { ranking } = lifecycle.config
  const { capacity } = lifecycle
  const history = withinCapacity(customer.history, capacity)
  const numItems = Math.min(attributes.numItems, capacity)
  const scored = await scoreCandidates(lifecycle, { ...wanted, history, numItems, popular })
  const { itemRows, scores, isOwn } = scored
  return {
    itemRows,
    scores,
    isOwn,
    path: 'model',
    ranking,
    forecastOf: scored.forecastOf,
    explain: async (places) => {
      const neighborParts = await scored.neighborParts(places)
      return places.map((place, n) =>
        explainCandidate(
          {
            itemRow: itemRows[place] as number,
            score: scores[place] as number,
            isOwn: isOwn[place] === 1,
            neighborPart: neighborParts[n] as number,
          },
          { history, ranking },
        ),
      )
    },
  }
}
