import type { Dataset } from '@perennial/core'
import type { ExportedLists } from './result.ts'

/** Metrics as an independent reader of the exported lists would compute them. */
export interface RecomputedMetrics {
  readonly 'hit_rate@10': number
  readonly 'ndcg@10': number
}

/**
 * Returns HR@10 and NDCG@10 from exported lists of external ids and each user's last event.
 *
 * Shares no code with the metrics of core: one target a user, so NDCG is `1 / log2(1 + rank)`.
 */
export function recomputeMetrics(
  { userIds, lists }: ExportedLists,
  dataset: Dataset,
): RecomputedMetrics {
  const lastItems = new Map<string, string>()
  dataset.userIds.forEach((userId, u) => {
    const end = dataset.sequences.offsets[u + 1] as number
    lastItems.set(userId, dataset.catalog.idOf(dataset.sequences.itemRows[end - 1] as number))
  })
  let hits = 0
  let gain = 0
  userIds.forEach((userId, i) => {
    const position = lists[i]?.indexOf(lastItems.get(userId) as string) ?? -1
    if (position < 0 || position >= 10) return
    hits++
    gain += Math.log(2) / Math.log(position + 2)
  })
  return { 'hit_rate@10': hits / userIds.length, 'ndcg@10': gain / userIds.length }
}
