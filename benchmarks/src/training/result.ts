import type { KernelSpeed } from '@perennial/train'
import type { RunDescription } from '../machine.ts'
import type { ComparedEngine, TrainingSetting } from './settings.ts'

/** Times of one engine in one setting. */
export interface EngineTimes {
  /** Library and version in its own words. */
  readonly version: string
  readonly medianMs: number
  readonly minMs: number
  readonly maxMs: number
  /** Times as fast as PyTorch the popular way, and written for speed, by the medians. */
  readonly ratioToPlain: number | null
  readonly ratioToTuned: number | null
  /** Of the products that the step needs, however the engine computes them. */
  readonly gflopsPerSecond: number
  /** Of {@link TrainingResult.peak} times the threads. */
  readonly shareOfPeak: number
  readonly tokensPerSecond: number
  /** Peak of the process's resident memory. */
  readonly peakBytes: number
  /** Median of what our engines need to make a batch; not part of a step. */
  readonly prepareMs: number | null
  /** Measured steps, round after round. */
  readonly stepMs: readonly (readonly number[])[]
  /** Of all steps, warm-up and settling ones too. */
  readonly losses: readonly number[]
}

/** An engine that could not be measured, and why. */
export interface SkippedEngine {
  readonly skipped: string
}

/** One setting, by engine. */
export interface SettingResult extends TrainingSetting {
  readonly numItems: number
  /** Means over the measured batches. */
  readonly tokensPerStep: number
  readonly gflopPerStep: number
  /** Mean share of all cores that was busy while every engine waited; above a few percent the times are wrong. */
  readonly othersBusyShare: number
  readonly engines: Readonly<Partial<Record<ComparedEngine, EngineTimes | SkippedEngine>>>
}

/** Steps of the wasm engine with catalogues of two sizes. */
export interface CatalogueResult {
  readonly cases: readonly {
    readonly name: string
    readonly numItems: number
    readonly distinctItemsPerStep: number
    readonly medianMs: number
    readonly minMs: number
    readonly maxMs: number
    readonly peakBytes: number
    readonly stepMs: readonly (readonly number[])[]
  }[]
  /** The large catalogue over the small one, same batches. */
  readonly ratio: number
  /** The same with batches whose items are drawn from the whole large catalogue, so that a step uses more of them. */
  readonly drawnRatio: number
  /** As in {@link SettingResult}. */
  readonly othersBusyShare: number
}

/** What `bench:training` writes. */
export interface TrainingResult extends RunDescription {
  readonly seed: number
  readonly numThreads: number
  readonly method: Readonly<Record<string, string>>
  readonly common: Readonly<Record<string, number>>
  readonly schedule: Schedule
  readonly peak: KernelSpeed
  readonly settings: readonly SettingResult[]
  readonly catalogue?: CatalogueResult | undefined
}

/** How many steps an engine takes. */
export interface Schedule {
  readonly warmUpSteps: number
  readonly rounds: number
  /** Steps before the measured ones of each round, since the engines before it filled the caches. */
  readonly settleSteps: number
  readonly stepsPerRound: number
}
