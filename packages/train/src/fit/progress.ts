import type { FitConfig } from './options.ts'

/** One line of the training log. */
export interface EpochRecord {
  /** 1-based. */
  readonly epoch: number
  /** Mean training loss, in nats a question. */
  readonly loss: number
  /** NDCG@10 of validation, or `null` when this epoch was not validated. */
  readonly validationNdcg: number | null
  /** Seconds of training and validation since the run began, interruptions left out. */
  readonly seconds: number
  readonly tokensPerSecond: number
}

/** Where a run stands. */
export interface FitProgress {
  /** Epochs finished. */
  readonly epoch: number
  /** Steps done within the current epoch. */
  readonly stepInEpoch: number
  /** Steps done in all. */
  readonly step: number
  readonly lossSum: number
  readonly tokenSum: number
  readonly questionSum: number
  readonly bestNdcg: number
  readonly bestEpoch: number
  readonly validationsWithoutGain: number
  readonly seconds: number
  readonly curve: readonly EpochRecord[]
}

/** The standing of a run before its first step. */
export const START: FitProgress = {
  epoch: 0,
  stepInEpoch: 0,
  step: 0,
  lossSum: 0,
  tokenSum: 0,
  questionSum: 0,
  bestNdcg: -1,
  bestEpoch: 0,
  validationsWithoutGain: 0,
  seconds: 0,
  curve: [],
}

/** Tells whether the seconds that training may take are used up. */
export function isOutOfTime({ seconds }: FitProgress, { maxSeconds }: FitConfig): boolean {
  return maxSeconds !== null && seconds >= maxSeconds
}

/** Tells whether a run that stands between two epochs has ended. */
export function isDone(progress: FitProgress, config: FitConfig, numCases: number): boolean {
  if (progress.epoch >= config.maxEpochs || isOutOfTime(progress, config)) return true
  return numCases > 0 && progress.validationsWithoutGain >= config.patience
}

/** Returns the seconds of training that are left of an epoch and of its run, which patience may end earlier. */
export function timeLeft(
  { epoch, stepInEpoch, seconds }: FitProgress,
  {
    config,
    stepsPerEpoch,
    secondsPerStep,
  }: {
    readonly config: FitConfig
    readonly stepsPerEpoch: number
    readonly secondsPerStep: number
  },
): { readonly epochSecondsLeft: number; readonly secondsLeft: number } {
  const limit = config.maxSeconds === null ? Infinity : Math.max(0, config.maxSeconds - seconds)
  const ofEpoch = (stepsPerEpoch - stepInEpoch) * secondsPerStep
  const ofRun = ofEpoch + (config.maxEpochs - epoch - 1) * stepsPerEpoch * secondsPerStep
  return { epochSecondsLeft: Math.min(limit, ofEpoch), secondsLeft: Math.min(limit, ofRun) }
}
