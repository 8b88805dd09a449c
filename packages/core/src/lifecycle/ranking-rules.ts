import { RecommenderError } from '../errors.ts'
import { DECAYED_FLOOR } from './features/pair-features.ts'
import { NEIGHBOR_FLOOR } from './neighbor-signals.ts'

/** Ways to rank candidates that need no training, from the least to the most data. */
export const RANKING_RULES = ['popularity', 'decayed-frequency', 'neighbor-blend'] as const
/** One of {@link RANKING_RULES}. */
export type RankingRule = (typeof RANKING_RULES)[number]

/** How much neighbours' newest purchases weigh beside the own, as in the baseline `neighbor-blend`. */
const NEIGHBOR_WEIGHT = 16
const TIE_BREAK = 1e-6

/**
 * Returns scores of candidates by a rule, from their features.
 *
 * `popularity`: purchases, each counting half after 30 days. `decayed-frequency`: the customer's own, each counting half
 * after 120 days; equals and the rest by popularity. `neighbor-blend`: that and 16 times what the nearest users bought in
 * the last weeks. The same as the baselines of these names, over candidates instead of all items.
 *
 * @param features - Shape `[candidates, features]`, not standardised.
 * @returns Shape `[candidates]`.
 * @throws {@link RecommenderError} `INVALID_INPUT` if a feature that the rule needs is not among the names.
 */
export function scoreByRule(
  rule: RankingRule,
  features: Float32Array,
  featureNames: readonly string[],
): Float32Array {
  const column = (name: string): number => {
    const place = featureNames.indexOf(name)
    if (place >= 0) return place
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected a feature '${name}' for rule '${rule}', got ${featureNames.join(', ')}.`,
    )
  }
  const width = featureNames.length
  const popularity = column('item.popularity_30')
  const own = rule === 'popularity' ? -1 : column('pair.decayed_120')
  const neighbors = rule === 'neighbor-blend' ? column('score.user_knn_newest') : -1
  return Float32Array.from({ length: features.length / width }, (_, i) => {
    const at = i * width
    const popular = Math.expm1(features[at + popularity] as number)
    if (own < 0) return popular
    const logOwn = features[at + own] as number
    const bought = Number.isNaN(logOwn) ? 0 : Math.exp(logOwn) - DECAYED_FLOOR
    const near = neighbors < 0 ? 0 : Math.exp(features[at + neighbors] as number) - NEIGHBOR_FLOOR
    return bought + NEIGHBOR_WEIGHT * near + TIE_BREAK * popular
  })
}
