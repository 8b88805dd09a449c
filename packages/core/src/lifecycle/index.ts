export type { Accessory, AccessoryFacts } from './accessories.ts'
export {
  ACTIVITY_FEATURES,
  type ActivityContext,
  type ActivityFeature,
  type CustomerVisits,
  describeActivity,
} from './activity-features.ts'
export {
  type ActivityExamples,
  type ActivityModel,
  type FitActivityModelOptions,
  fitActivityModel,
  predictActivity,
} from './activity-model.ts'
export {
  type AssessmentModels,
  assessCustomers,
  type CustomerTable,
} from './assess-customers.ts'
export {
  aliveProbability,
  type BgNbdModel,
  expectedVisits,
  type FitBgNbdOptions,
  fitBgNbd,
  visitProbability,
} from './bg-nbd.ts'
export { type Cadence, type MeasureCadenceOptions, measureCadence } from './cadence.ts'
export {
  type CandidateFinder,
  type CandidateSizes,
  type Candidates,
  createCandidateFinder,
  DEFAULT_CANDIDATE_SIZES,
} from './candidates.ts'
export {
  type CategoryOutlook,
  fitOutlook,
  type ItemProbabilities,
  type OutlookCalibration,
  type OutlookExample,
  outlook,
} from './category-outlook.ts'
export { buildCategoryTree, type CategoryTree } from './category-tree.ts'
export {
  type ActivityChoice,
  type ChooseActivityOptions,
  chooseActivity,
  forecastVisits,
  type VisitForecast,
} from './choose-activity.ts'
export { type CoBasketOptions, fitCoBasket } from './co-basket.ts'
export { createSignals, type SignalSources } from './create-signals.ts'
export { type Customer, decayedProfile, describeCustomer } from './customer.ts'
export {
  ACTIVITY_HORIZONS,
  type ActivityRule,
  type CustomerModels,
  OUTLOOK_DAYS,
  type VisitModels,
} from './customer-models.ts'
export { createDecay } from './decay.ts'
export {
  type Durability,
  type DurabilityRecord,
  type LearnDurabilityOptions,
  learnDurability,
} from './durability.ts'
export {
  DURABILITY_KINDS,
  type DurabilityKind,
  type DurabilityOverride,
  type DurabilitySettings,
  type ResolvedOverrides,
  resolveOverrides,
} from './durability-overrides.ts'
export { FEATURE_LIMIT, type FeatureScale, fitFeatureScale, standardize } from './feature-scale.ts'
export {
  expectedVisitValue,
  type FitGammaGammaOptions,
  fitGammaGamma,
  type GammaGammaModel,
} from './gamma-gamma.ts'
export {
  type CollectGroupsOptions,
  collectHistories,
  createCoOccurrence,
  type ItemGroups,
} from './item-groups.ts'
export {
  buildItemLinks,
  checkItemLinks,
  type ItemLinks,
  type Profile,
  scoreLinks,
} from './item-links.ts'
export { ItemScores } from './item-scores.ts'
export { type LifecycleConfig, RANKINGS, type Ranking } from './lifecycle-config.ts'
export {
  type DescribeLifecycleOptions,
  describeLifecycle,
  LIFECYCLE_STAGES,
  type LifecycleStage,
  type LifecycleTable,
  type StageAnswer,
  type StageQuestion,
  stageOf,
} from './lifecycle-stage.ts'
export { createLinkSignals, type LinkTables } from './link-signals.ts'
export {
  type LogNormalGap,
  logSurvival,
  probabilityAfterWaiting,
  type WaitingTime,
  waitingQuantile,
} from './log-normal-hazard.ts'
export { createNeighborSignals, NEIGHBOR_FLOOR } from './neighbor-signals.ts'
export type { PowerLaw } from './power-law.ts'
export {
  type CountRepeatVisitsOptions,
  countRepeatVisits,
  countVisitsOf,
  type PurchaseCounts,
  type VisitCounts,
} from './purchase-counts.ts'
export { RANKING_RULES, type RankingRule, scoreByRule } from './ranking-rules.ts'
export {
  CURVE_EDGES,
  daysUntilShare,
  type Estimate,
  probabilityAgain,
  type RepurchaseTable,
} from './repurchase-curve.ts'
export {
  type LearnRepurchaseOptions,
  learnRepurchase,
  type RepurchaseIntervals,
} from './repurchase-intervals.ts'
export { createSequenceSignal, type SequenceScores } from './sequence-signal.ts'
export { bestNew, type Signal } from './signal.ts'
export {
  createReplay,
  LifecycleState,
  type LifecycleStateOptions,
  orderPurchases,
  type PurchaseOrder,
} from './state.ts'
export { type DatedPurchases, lastingPurchases, suppressedItems } from './suppression.ts'
export {
  checkTimeDistribution,
  type ExpectedTimeOptions,
  expectedTime,
  LAST_TIME_EDGE,
  NUM_TIME_BINS,
  possibleTimeBins,
  probabilityWithin,
  TIME_EDGES,
  type TimeBins,
  type TimeRange,
  timeBinOf,
  timeQuantile,
} from './time-distribution.ts'
export { buildVisitLog, sliceVisitLog, type VisitLog, visitsEnd } from './visit-log.ts'
