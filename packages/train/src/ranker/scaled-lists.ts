import { type FeatureScale, fitFeatureScale, standardize } from '@perennial/core'
import type { RankingLists } from './ranking-lists.ts'

/** Lists whose features are on one scale. */
export interface ScaledLists extends RankingLists {
  readonly scale: FeatureScale
}

/**
 * Brings the features of lists to one scale, in place.
 *
 * @param scale - Of a network that will see the same rows. @defaultValue that of the lists
 */
export function scaleLists(lists: RankingLists, scale?: FeatureScale): ScaledLists {
  const used = scale ?? fitFeatureScale(lists.features, lists.featureNames.length)
  standardize(lists.features, used)
  return { ...lists, scale: used }
}
