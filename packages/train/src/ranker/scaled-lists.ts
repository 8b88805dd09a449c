import { type FeatureScale, fitFeatureScale, standardize } from '@perennial/core'
import type { RankingLists } from './ranking-lists.ts'

/** Lists whose features are on one scale. */
export interface ScaledLists extends RankingLists {
  readonly scale: FeatureScale
}

/** Returns the scale of some of the features that a scale is of. */
export function pickScale(
  { featureNames, scale: { means, deviations } }: Pick<ScaledLists, 'featureNames' | 'scale'>,
  names: readonly string[],
): FeatureScale {
  const places = names.map((name) => featureNames.indexOf(name))
  return {
    means: places.map((f) => means[f] as number),
    deviations: places.map((f) => deviations[f] as number),
  }
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
