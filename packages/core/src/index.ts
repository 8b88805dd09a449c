export {
  type Artifact,
  type ArtifactContent,
  type LifecycleParts,
  type ReadArtifactOptions,
  readArtifact,
  writeArtifact,
} from './artifact/artifact.ts'
export { ARTIFACT_FILES, ARTIFACT_FORMAT_VERSION, type Manifest } from './artifact/manifest.ts'
export {
  createDecayedFrequency,
  type DecayedFrequencyOptions,
} from './baselines/decayed-frequency.ts'
export { createItemKnn, type ItemKnnOptions } from './baselines/item-knn.ts'
export { createNeighborBlend, type NeighborBlendOptions } from './baselines/neighbor-blend.ts'
export { createPersonalFrequency } from './baselines/personal-frequency.ts'
export { countPurchases, createPopularity, type PopularityOptions } from './baselines/popularity.ts'
export { createTifuKnn, type TifuKnnOptions } from './baselines/tifu-knn.ts'
export { type Baskets, buildBaskets, dayOf } from './data/baskets.ts'
export { DAY_MS, EVENT_COLUMNS, ITEM_COLUMNS } from './data/columns.ts'
export type { Dataset } from './data/dataset.ts'
export type { EventTable } from './data/event-table.ts'
export { ItemCatalog } from './data/item-catalog.ts'
export type { ItemColumns, ItemRecord } from './data/item-columns.ts'
export type { RankingCase, Split } from './data/ranking-case.ts'
export {
  type BuildSequencesOptions,
  buildSequences,
  type History,
  historyOf,
  type Sequences,
} from './data/sequences.ts'
export { type SplitSessionsOptions, splitSessions } from './data/sessions.ts'
export { casesAt, endsBefore, type SplitByTimeOptions, splitByTime } from './data/split-by-time.ts'
export { type SplitLeaveOneOutOptions, splitLeaveOneOut } from './data/split-leave-one-out.ts'
export {
  checkChoice,
  checkInteger,
  checkNumber,
  ERROR_CODES,
  type ErrorCode,
  RecommenderError,
} from './errors.ts'
export {
  type BootstrapOptions,
  bootstrapMean,
  type MeanInterval,
} from './evaluation/bootstrap-mean.ts'
export {
  areaUnderRoc,
  brierScore,
  expectedCalibrationError,
  logLoss,
  type Predictions,
  type ReliabilityBin,
  type ReliabilityOptions,
  reliabilityBins,
} from './evaluation/calibration.ts'
export {
  categoryBreadthAtK,
  categoryLevels,
  categoryRecallAtK,
  type OfLevel,
} from './evaluation/category-metrics.ts'
export {
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type ListMetricKey,
  type MetricKey,
} from './evaluation/evaluate.ts'
export { markPopular, p90Coverage, shownShareAtK } from './evaluation/exposure.ts'
export {
  evaluateHorizon,
  type HorizonEvaluation,
  type HorizonListKey,
  type HorizonListMetric,
  type HorizonMetricKey,
  type HorizonOptions,
} from './evaluation/horizon-metrics.ts'
export {
  type AgainstBest,
  type AtK,
  catalogCoverage,
  countItemUsers,
  DENOMINATORS,
  type Denominator,
  hitRateAtK,
  type ItemUsers,
  mrrAtK,
  ndcgAtK,
  novelty,
  type RankedLists,
  recallAtK,
} from './evaluation/metrics.ts'
export { type PairedDifference, pairedBootstrap } from './evaluation/paired-bootstrap.ts'
export { type PooledEvaluation, poolEvaluations } from './evaluation/pool-evaluations.ts'
export type { ScoringOptions } from './evaluation/score-cases.ts'
export {
  cohortLabels,
  type HistoryLengthOptions,
  historyLengthLabels,
  NO_HISTORY,
} from './evaluation/segment-labels.ts'
export { type Segment, summarizeSegments } from './evaluation/segments.ts'
export {
  evaluateStaleness,
  type StalenessOptions,
  type StalenessPoint,
} from './evaluation/staleness.ts'
export {
  type Days,
  medianAbsoluteError,
  type RangeCoverage,
  rangeCoverage,
  shareWithinGap,
  type WithinGapOptions,
} from './evaluation/timing-metrics.ts'
export { sumTargetValues, valueRecallAtK } from './evaluation/value-recall.ts'
export { findFolder, replaceFile, replaceFolder } from './io/atomic-write.ts'
export { DATASET_FILES, type OpenDataset, openDataset, readDataset } from './io/dataset-folder.ts'
export { encodeItems } from './io/encode-items.ts'
export { type EventBatch, type EventBatches, openEventBatches } from './io/event-batches.ts'
export {
  type EventColumns,
  type EventsHeader,
  readEventsFile,
  writeEventBatches,
  writeEventsFile,
} from './io/events-file.ts'
export type { ItemVectors } from './io/item-vectors.ts'
export { readItemsFile, writeItemsFile } from './io/items-file.ts'
export { customerKey, type Purchases } from './io/purchases-file.ts'
export * from './lifecycle/index.ts'
export {
  ACTIVATIONS,
  BLOCKS,
  createEncoderConfig,
  type EncoderConfig,
  type EncoderOptions,
  OUTPUT_EMBEDDINGS,
  SIMILARITIES,
  TIME_FEATURES,
} from './model/config.ts'
export { encodeSequences } from './model/network.ts'
export type { Ops } from './model/ops.ts'
export {
  createItemTable,
  createParameters,
  type Parameter,
  type Parameters,
  parameterShapes,
} from './model/parameters.ts'
export {
  checkRowNetworkConfig,
  createRowParameters,
  type RowNetworkConfig,
  type RowOps,
  rowParameterShapes,
  scoreRows,
} from './model/row-network.ts'
export {
  DAY_SECONDS,
  NUM_SEASONS,
  NUM_TIME_BUCKETS,
  NUM_WEEKDAYS,
  seasonOf,
  TIME_BUCKET_WIDTH,
  type TimedSequences,
  TOKEN_KEYS,
  type TokenKey,
  timeBucket,
  timeBucketStarts,
  tokenKeys,
  weekdayOf,
  YEAR_DAYS,
} from './model/token-keys.ts'
export { unitVectors } from './model/unit-vectors.ts'
export { createRng, hash32, type Rng, shuffle } from './random.ts'
export { applyPolicy, type PolicyItem, type PolicyResult } from './ranking/apply-policy.ts'
export type {
  AttributeColumn,
  AttributeValue,
  FlagColumn,
  NumberColumn,
  TextColumn,
} from './ranking/attribute-column.ts'
export { addRepeatScores, type BlendConfig, repeatScores } from './ranking/blend.ts'
export {
  BUDGET_SHAPES,
  type Budget,
  type BudgetShape,
  budgetWeight,
  isWithinBudget,
  isWithinRelaxedBudget,
} from './ranking/budget.ts'
export { CategoryDictionary } from './ranking/category-dictionary.ts'
export { type CheckFilterOptions, checkFilter, FILTER_LIMITS } from './ranking/check-filter.ts'
export { checkItemBatch } from './ranking/check-item-batch.ts'
export { checkPolicy } from './ranking/check-policy.ts'
export {
  createDiverseList,
  type DiverseList,
  type DiverseListOptions,
} from './ranking/diversify.ts'
export { type Filter, type FilterValues, resolveFilter } from './ranking/filter.ts'
export {
  createFilterCache,
  type FilterCache,
  type FilterCacheOptions,
} from './ranking/filter-cache.ts'
export { ItemAttributes } from './ranking/item-attributes.ts'
export {
  ATTRIBUTE_LIMITS,
  checkItemChanges,
  ITEM_FIELDS,
  type ItemChanges,
} from './ranking/item-changes.ts'
export type { PolicyCounts } from './ranking/judge-candidates.ts'
export type { SkippedPromotion } from './ranking/place-promoted.ts'
export type { OwnedItem, PolicyCandidates, PolicyContext } from './ranking/policy-context.ts'
export {
  type DiversityPolicy,
  POLICY_LIMITS,
  type PromotedItem,
  type RankingPolicy,
  RELAXATION_ORDER,
  type RelaxedConstraint,
  type RotationPolicy,
} from './ranking/ranking-policy.ts'
export {
  describeAccessory,
  describeBudgetFit,
  describeRepeat,
  findCause,
  isRepeatReason,
  type Reason,
} from './ranking/reasons.ts'
export { rotationLoss } from './ranking/rotation.ts'
export { type ScoreScale, scaleOf, standingOf, weightToStanding } from './ranking/standing.ts'
export { checkSearch, createExactIndex } from './retrieval/exact-index.ts'
export type { ItemIndex, SearchOptions, SearchResult } from './retrieval/item-index.ts'
export type { Scorer } from './scorer.ts'
export { selectTopK } from './top-k.ts'
