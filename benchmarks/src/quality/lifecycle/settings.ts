import {
  type CandidateSizes,
  DEFAULT_CANDIDATE_SIZES,
  type LifecycleStateOptions,
} from '@perennial/core'
import { DEFAULT_LINKS, type FitOptions, type RankerTrainingOptions } from '@perennial/train'
import type { SignalSettings } from './signals.ts'

/** How the ranker of a lifecycle experiment is made. */
export interface LifecycleSettings extends SignalSettings {
  /** Training cuts taken, the newest first; fewer where there are no more. */
  readonly numTrainingCuts: number
  /** Share of the negatives kept that the customer does not own. */
  readonly keepShare: number
  /** Candidates by source. */
  readonly sizes: CandidateSizes
  /** How users are compared. */
  readonly population: Omit<LifecycleStateOptions, 'numItems' | 'horizonDays'>
  readonly ranker: Omit<RankerTrainingOptions, 'seed' | 'signal' | 'onStep'>
}

/** The settings of shops with real days. */
export const SHOP_SETTINGS: LifecycleSettings = {
  numTrainingCuts: 6,
  keepShare: 0.35,
  sizes: DEFAULT_CANDIDATE_SIZES,
  links: DEFAULT_LINKS,
  sequence: null,
  population: {},
  ranker: {},
}

/** The sequence model whose score may be a signal: settings that did best alone, on the cut of 2011-07-01. */
export const SEQUENCE: FitOptions = {
  objective: 'horizon',
  horizonDays: 28,
  popularityPrior: 0.5,
  maxEpochs: 20,
  encoder: {
    dim: 64,
    numBlocks: 1,
    numHeads: 2,
    dropout: 0.2,
    timeFeatures: ['gap'],
    maxLength: 100,
  },
  seed: 1,
}

/** What a variant changes; sizes and ranker options are merged one by one. */
export interface SettingsChange extends Partial<Omit<LifecycleSettings, 'ranker' | 'links'>> {
  readonly links?: Partial<LifecycleSettings['links']> | undefined
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
  'without-co-basket': { links: { coBasket: null } },
  'without-ease': { links: { ease: null } },
  'without-links': { links: { coBasket: null, ease: null } },
  'with-sequence': { sequence: SEQUENCE, sizes: { sequence: 100 } },
  'without-popularity-sources': { sizes: { newly_popular: 0, popular: 0 } },
  'three-cuts': { numTrainingCuts: 3 },
  'all-negatives': { keepShare: 1 },
}

/** Returns settings with a variant's changes; `undefined` is none. */
export function changeSettings(
  settings: LifecycleSettings,
  variant: string | undefined,
): LifecycleSettings {
  const change = variant === undefined ? {} : (VARIANTS[variant] ?? {})
  return {
    ...settings,
    ...change,
    links: { ...settings.links, ...change.links },
    sizes: { ...settings.sizes, ...change.sizes },
    ranker: { ...settings.ranker, ...change.ranker },
  }
}
