import {
  type CandidateSizes,
  DEFAULT_CANDIDATE_SIZES,
  type LifecycleStateOptions,
} from '@perennial/core'
import type { RankerTrainingOptions } from '@perennial/train'
import { LINK_KINDS, type LinkKind } from './signals.ts'

/** How the ranker of a lifecycle experiment is made. */
export interface LifecycleSettings {
  /** Training cuts taken, the newest first; fewer where there are no more. */
  readonly numTrainingCuts: number
  /** Share of the negatives kept that the customer does not own. */
  readonly keepShare: number
  /** Candidates by source. */
  readonly sizes: CandidateSizes
  /** Tables from item to item whose signals are among the features and the sources. */
  readonly links: readonly LinkKind[]
  /** How users are compared. */
  readonly population: Omit<LifecycleStateOptions, 'numItems' | 'horizonDays'>
  readonly ranker: Omit<RankerTrainingOptions, 'seed' | 'signal' | 'onStep'>
}

/** The settings of shops with real days. */
export const SHOP_SETTINGS: LifecycleSettings = {
  numTrainingCuts: 6,
  keepShare: 0.35,
  sizes: DEFAULT_CANDIDATE_SIZES,
  links: ['co_basket', 'ease'],
  population: {},
  ranker: {},
}

/** What a variant changes; sizes and ranker options are merged one by one. */
export interface SettingsChange extends Partial<Omit<LifecycleSettings, 'ranker' | 'links'>> {
  readonly withoutLinks?: readonly LinkKind[] | undefined
  readonly ranker?: Partial<LifecycleSettings['ranker']> | undefined
}

const DECAY_FEATURES = ['pair.decayed_', 'pair.activation', 'pair.visit_decayed', 'pair.in_newest_']
const INTERVAL_FEATURES = [
  'pair.mean_gap',
  'pair.gap_',
  'pair.item_gap_ratio',
  'pair.user_gap_ratio',
  'pair.hazard',
  'pair.survival',
  'item.mean_gap',
  'item.gap_deviation',
]
const AMOUNT_FEATURES = ['pair.quantity', 'pair.last_quantity', 'item.price']

/** One lever undone each, those with the same training lists one after the other; compared on validation alone. */
export const VARIANTS: Readonly<Record<string, SettingsChange>> = {
  'without-scores': { ranker: { excludeFeatures: ['score.'] } },
  'without-item-features': { ranker: { excludeFeatures: ['item.'] } },
  'without-user-features': { ranker: { excludeFeatures: ['user.'] } },
  'without-decay-features': { ranker: { excludeFeatures: DECAY_FEATURES } },
  'without-interval-features': { ranker: { excludeFeatures: INTERVAL_FEATURES } },
  'without-amounts': { ranker: { excludeFeatures: AMOUNT_FEATURES } },
  'one-member': { ranker: { members: 1 } },
  linear: { ranker: { hidden: [] } },
  'without-user-knn': {
    sizes: { user_knn: 0 },
    ranker: { excludeFeatures: ['score.user_knn'] },
  },
  'without-co-basket': { withoutLinks: ['co_basket'] },
  'without-ease': { withoutLinks: ['ease'] },
  'without-links': { withoutLinks: LINK_KINDS },
  'without-popularity-sources': { sizes: { newly_popular: 0, popular: 0 } },
  'three-cuts': { numTrainingCuts: 3 },
  'all-negatives': { keepShare: 1 },
}

/** Returns settings with a variant's changes; `undefined` is none. */
export function changeSettings(
  settings: LifecycleSettings,
  variant: string | undefined,
): LifecycleSettings {
  const { withoutLinks = [], ...change } = variant === undefined ? {} : (VARIANTS[variant] ?? {})
  return {
    ...settings,
    ...change,
    links: settings.links.filter((kind) => !withoutLinks.includes(kind)),
    sizes: { ...settings.sizes, ...change.sizes },
    ranker: { ...settings.ranker, ...change.ranker },
  }
}
