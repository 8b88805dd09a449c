import type { Dataset } from '../data/dataset.ts'
import { countPurchases } from './popularity.ts'

/** What ranks the items that a personal baseline knows nothing of. */
export interface PopularityFill {
  /** Shape `[numItems + 1]`: purchases, a purchase counting half after 30 days. */
  readonly popularity: Float64Array
  /** Shape `[numItems + 1]`: minus the 1-based popularity rank, so that any score above 0 comes first. */
  readonly scores: Float32Array
}

/**
 * Returns popularity as tie-break and as fill below all personal scores.
 *
 * The 30 days are those of the published baselines (see `test/published-baselines.test.ts`). Data without
 * real times gets plain counts.
 */
export function createPopularityFill(dataset: Dataset, trainEnds: Int32Array): PopularityFill {
  const halfLifeDays = dataset.timeKind === 'timestamp' ? 30 : undefined
  const popularity = countPurchases(dataset, trainEnds, { halfLifeDays })
  const byRank = Int32Array.from({ length: dataset.catalog.numItems }, (_, i) => i + 1).sort(
    (a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b,
  )
  const scores = new Float32Array(popularity.length)
  byRank.forEach((itemRow, i) => {
    scores[itemRow] = -(i + 1)
  })
  return { popularity, scores }
}
