import type { PairedDifference } from '@perennial/core'
import type { RunDescription } from '../../machine.ts'
import type { SourceRecall } from './measure-sources.ts'
import type { LifecycleSettings } from './settings.ts'

/** Metrics whose values by case are kept, so that intervals can be computed again. */
export const KEPT_METRICS = [
  'recall@10',
  'ndcg@10',
  'hit_rate@10',
  'new_item_recall@10',
  'recall@20',
] as const

/** Metrics by key, for example `recall@10`; `null` where none is defined. */
export type Metrics = Readonly<Record<string, number | null>>

/** One method's answers to one question. */
export interface MethodResult {
  readonly name: string
  /** `null` for a method without chance. */
  readonly seed: number | null
  readonly metrics: Metrics
  /** By metric of {@link KEPT_METRICS}: values by case as `packValues` writes them. */
  readonly values: Readonly<Record<string, string>>
  readonly seconds: number
}

/** What training took. */
export interface TrainingCost {
  readonly numLists: number
  readonly numRows: number
  readonly numFeatures: number
  readonly listSeconds: number
  /** Of the first seed's ranker. */
  readonly fitSeconds: number
  /** Highest memory of the process until then, data included. */
  readonly peakBytes: number
}

/** A metric over the customers of one group, to five digits; `null` where it is not defined or has no spread. */
export interface SegmentResult {
  readonly label: string
  readonly numCases: number
  readonly mean: number | null
  readonly low: number | null
  readonly high: number | null
}

/** A metric of a method by group of customers. */
export interface SegmentsResult {
  /** What customers are grouped by. */
  readonly by: string
  readonly method: string
  readonly metric: string
  readonly segments: readonly SegmentResult[]
}

/** A method's metrics by age of what it knows. */
export interface StalenessResult {
  readonly method: string
  readonly points: readonly { readonly ageDays: number; readonly metrics: Metrics }[]
}

/** One question with all its answers. */
export interface QuestionResult {
  readonly label: string
  readonly group: string
  readonly horizonDays: number
  readonly numCases: number
  readonly targetsPerCase: number
  /** Share of the targets that the customer owns, mean over cases. */
  readonly repeatShare: number
  /** Training cuts as dates, the newest first. */
  readonly trainingCuts: readonly string[]
  readonly training: TrainingCost
  readonly sources: readonly SourceRecall[]
  /** User row of each case, as `packValues` writes them. */
  readonly userRows: string
  readonly methods: readonly MethodResult[]
  readonly segments: readonly SegmentsResult[]
  readonly staleness: readonly StalenessResult[]
}

/** A difference of the ranker to another method, pooled over questions; seeds are averaged case by case. */
export interface Comparison extends PairedDifference {
  readonly with: string
  readonly metric: string
}

/** All questions of a group together. */
export interface GroupResult {
  readonly group: string
  readonly numCases: number
  /** By method, seeds averaged. */
  readonly metrics: Readonly<Record<string, Metrics>>
  readonly comparisons: readonly Comparison[]
}

/** What a lifecycle quality run leaves behind. */
export interface LifecycleResult extends RunDescription {
  readonly experiment: string
  /** Which lever is undone; `null` for the experiment as it is. */
  readonly variant: string | null
  readonly split: 'validation' | 'test'
  readonly protocol: string
  readonly engine: string
  readonly datasetFiles: readonly { readonly name: string; readonly sha256: string }[]
  readonly seeds: readonly number[]
  readonly settings: LifecycleSettings
  readonly questions: readonly QuestionResult[]
  readonly groups: readonly GroupResult[]
}

/** How well a probability of a purchase within some days came true, by pair or by customer. */
export interface PairProbabilities {
  readonly numPairs: number
  readonly baseRate: number
  readonly auc: number
  readonly brier: number
  /** Expected calibration error over ten bins of equal count. */
  readonly calibrationError: number
}

/** What the timing experiment leaves behind. */
export interface TimingResult extends RunDescription {
  readonly experiment: string
  readonly engine: string
  readonly seed: number
  readonly cut: string
  readonly trainingCuts: readonly string[]
  readonly trainingSeconds: number
  /** Of all items that customers own, and of those bought on two days or more. */
  readonly pairs: PairProbabilities
  readonly repeatPairs: PairProbabilities
  /** Of pairs bought on two days or more and again within 180 days. */
  readonly boughtAgain: {
    readonly numPairs: number
    readonly methods: Readonly<
      Record<string, { readonly medianErrorDays: number; readonly shareWithinGap: number }>
    >
    /** Share of purchases between the predicted quartiles, and how wide these lie apart. */
    readonly range: { readonly coverage: number; readonly medianWidthDays: number }
  }
}

/** What the experiment on who buys at all leaves behind. */
export interface ActivityResult extends RunDescription {
  readonly experiment: string
  readonly questions: readonly {
    readonly cut: string
    readonly horizonDays: number
    /** What validation took: `bg-nbd` or `logistic`. */
    readonly chosen: string
    /** Of all customers with a purchase before the cut: BG/NBD, and what was taken. */
    readonly bgNbd: PairProbabilities
    readonly served: PairProbabilities
  }[]
}
