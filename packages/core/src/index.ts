export {
  type Artifact,
  type ArtifactContent,
  readArtifact,
  writeArtifact,
} from './artifact/artifact.ts'
export { ARTIFACT_FILES, ARTIFACT_FORMAT_VERSION, type Manifest } from './artifact/manifest.ts'
export {
  createDecayedFrequency,
  type DecayedFrequencyOptions,
} from './baselines/decayed-frequency.ts'
export { createItemKnn, type ItemKnnOptions } from './baselines/item-knn.ts'
export { createPersonalFrequency } from './baselines/personal-frequency.ts'
export { countPurchases, createPopularity, type PopularityOptions } from './baselines/popularity.ts'
export { createTifuKnn, type TifuKnnOptions } from './baselines/tifu-knn.ts'
export { type Baskets, buildBaskets, dayOf } from './data/baskets.ts'
export { DAY_MS, EVENT_COLUMNS, ITEM_COLUMNS } from './data/columns.ts'
export type { Dataset } from './data/dataset.ts'
export type { EventTable } from './data/event-table.ts'
export { ItemCatalog, type ItemRecord } from './data/item-catalog.ts'
export type { RankingCase, Split } from './data/ranking-case.ts'
export {
  type BuildSequencesOptions,
  buildSequences,
  type History,
  historyOf,
  type Sequences,
} from './data/sequences.ts'
export { type SplitSessionsOptions, splitSessions } from './data/sessions.ts'
export { endsBefore, type SplitByTimeOptions, splitByTime } from './data/split-by-time.ts'
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
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type ListMetricKey,
  type MetricKey,
} from './evaluation/evaluate.ts'
export {
  type AtK,
  catalogCoverage,
  countItemUsers,
  hitRateAtK,
  type ItemUsers,
  mrrAtK,
  ndcgAtK,
  novelty,
  type RankedLists,
  recallAtK,
} from './evaluation/metrics.ts'
export {
  type PairedBootstrapOptions,
  type PairedDifference,
  pairedBootstrap,
} from './evaluation/paired-bootstrap.ts'
export { findFolder, replaceFile, replaceFolder } from './io/atomic-write.ts'
export { DATASET_FILES, type OpenDataset, openDataset, readDataset } from './io/dataset-folder.ts'
export { type EventBatch, type EventBatches, openEventBatches } from './io/event-batches.ts'
export {
  type EventColumns,
  type EventsHeader,
  readEventsFile,
  writeEventBatches,
  writeEventsFile,
} from './io/events-file.ts'
export { encodeItems, type ItemVectors, readItemsFile, writeItemsFile } from './io/items-file.ts'
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
export { addRepeatScores, type BlendConfig, repeatScores } from './ranking/blend.ts'
export { checkFilter, FILTER_LIMITS, type Filter, resolveFilter } from './ranking/filter.ts'
export { describeRepeat, findCause, isRepeatReason, type Reason } from './ranking/reasons.ts'
export { checkSearch, createExactIndex } from './retrieval/exact-index.ts'
export type { ItemIndex, SearchOptions, SearchResult } from './retrieval/item-index.ts'
export type { Scorer } from './scorer.ts'
export { selectTopK } from './top-k.ts'
