export { ACTIVITY_CUTS } from './customers/fit-customers.ts'
export { readOverrides } from './customers/read-overrides.ts'
export {
  CUSTOMER_COLUMNS,
  type CustomersProgress,
  type StageSummary,
  type WriteCustomersOptions,
  type WrittenCustomers,
  writeCustomers,
} from './customers/write-customers.ts'
export {
  type ChosenEngine,
  type CreateEngineOptions,
  createEngine,
  ENGINES,
  type Workload,
} from './engine/create-engine.ts'
export type {
  Engine,
  GradientResult,
  LoadedModel,
  LoadedWeights,
  Negatives,
  PackedSequences,
  PreparedBatch,
  PriorLogits,
  Trainer,
  TrainingBatch,
} from './engine/engine.ts'
export { type KernelSpeed, measureKernels } from './engine/wasm/measure-kernels.ts'
export { type ChosenBlend, chooseBlend } from './evaluate/choose-blend.ts'
export { compareScorers, createBaselines } from './evaluate/compare-scorers.ts'
export { completeVectors } from './export/cold-vectors.ts'
export { encodeOnnx } from './export/encode-onnx.ts'
export {
  checkTrainingMemory,
  describeMemory,
  estimateTrainingMemory,
  type MemoryEstimate,
  type TrainingSize,
} from './fit/estimate-memory.ts'
export { fit } from './fit/fit.ts'
export { fitFromShards, type ShardFitOptions, type ShardFitRuntime } from './fit/fit-from-shards.ts'
export { formatSeconds } from './fit/format-seconds.ts'
export { createModelScorer, type ModelScorer, packHistories } from './fit/model-scorer.ts'
export { createModelState, type ModelState, type Weights } from './fit/model-state.ts'
export {
  createFitConfig,
  type FitConfig,
  type FitOptions,
  LOSSES,
  OBJECTIVES,
} from './fit/options.ts'
export type { EpochRecord } from './fit/progress.ts'
export type { FitResult, FitRuntime, StepReport } from './fit/run-training.ts'
export type { ShardSplit } from './fit/shards/shard-split.ts'
export {
  COLUMN_ROLES,
  type ColumnMapping,
  type ColumnRole,
  type MappedColumn,
  type ResolvedMapping,
} from './ingest/column-mapping.ts'
export type { EventStatistics } from './ingest/event-statistics.ts'
export { ingest } from './ingest/ingest.ts'
export type { IngestOptions, IngestProgress, IngestSettings } from './ingest/ingest-options.ts'
export { type IngestReport, REPORT_FILES } from './ingest/ingest-report.ts'
export { type IngestPreview, previewIngest, type SampleEvent } from './ingest/preview-ingest.ts'
export type { ReadFile } from './ingest/read-events.ts'
export { ROW_REASONS, type RowReason } from './ingest/row-reasons.ts'
export type { InputFormat } from './ingest/row-source.ts'
export type { DroppedRows, RowExample } from './ingest/row-tally.ts'
export { type EaseOptions, fitEase } from './item-links/fit-ease.ts'
export {
  fitRanker,
  type Ranker,
  type RankerOptions,
  type RankerTrainingOptions,
} from './ranker/fit-ranker.ts'
export {
  fitTiming,
  type Timing,
  type TimingOptions,
  timeLabels,
  toTimeProbabilities,
} from './ranker/fit-timing.ts'
export {
  createLinkTables,
  DEFAULT_LINKS,
  type LinkPast,
  type LinkSettings,
} from './ranker/link-tables.ts'
export {
  createRankerScorer,
  type RankerScorer,
  type RankerScorerOptions,
} from './ranker/ranker-scorer.ts'
export {
  type BuildListsOptions,
  buildRankingLists,
  type Past,
  type RankingLists,
} from './ranker/ranking-lists.ts'
export { type ScaledLists, scaleLists } from './ranker/scaled-lists.ts'
export { createSequenceAtCuts, type SequenceAtCutsOptions } from './ranker/sequence-at-cuts.ts'
export { renderChart } from './report/chart.ts'
export { compareInWords, REPORTED_METRICS, resultRows } from './report/training-report.ts'
export {
  type TrainOptions,
  type TrainResult,
  type TrainRuntime,
  trainArtifact,
} from './train-artifact.ts'
export type { RunTrial } from './tune/run-trial.ts'
export {
  checkSpace,
  defaultSpace,
  type SearchRange,
  type SearchSpace,
} from './tune/search-space.ts'
export type { TuneResult } from './tune/search-state.ts'
export type { Trial, TrialRung, TrialStatus } from './tune/trial.ts'
export { type TrialReport, type TuneOptions, tune } from './tune/tune.ts'
