import type { CandidateSizes } from './candidates.ts'
import type { FeatureScale } from './feature-scale.ts'

/** What may rank a customer's list: rules, a trained ranker, or the sequence model with the repeat part. */
export const RANKINGS = [
  'popularity',
  'decayed-frequency',
  'neighbor-blend',
  'linear-ranker',
  'ranker',
  'sequence',
] as const
/** One of {@link RANKINGS}. */
export type Ranking = (typeof RANKINGS)[number]

/** How an artifact ranks, and what its ranker was trained to see. */
export interface LifecycleConfig {
  /** What ranks lists: the highest rung of the ladder that earned its place on validation. */
  readonly ranking: Ranking
  /** Days ahead that the ranking is about. */
  readonly horizonDays: number
  readonly similarityHalfLifeDays: number
  readonly recentHalfLivesDays: readonly number[]
  readonly neighbors: number
  /** Candidates by source. */
  readonly sizes: CandidateSizes
  /** What `ranker.onnx` takes; absent when there was too little data to train one. */
  readonly network?:
    | {
        /** Columns of its input, in order. */
        readonly featureNames: readonly string[]
        readonly scale: FeatureScale
      }
    | undefined
}
