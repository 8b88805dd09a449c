import {
  BLOCKS,
  type EncoderOptions,
  OUTPUT_EMBEDDINGS,
  RecommenderError,
  SIMILARITIES,
  TIME_FEATURES,
} from '@perennial/core'
import type { Command } from 'commander'
import { NEGATIVE_SHARES } from '../engine/engine.ts'
import type { TrainOptions } from '../train-artifact.ts'
import { DECAYS, LOSSES, NEGATIVE_SAMPLINGS, OBJECTIVES } from './options.ts'

/** Flags of `fit` that say what is trained; each stands for one option of {@link TrainOptions}. */
export interface FitFlags {
  readonly horizonDays?: number
  readonly testDate?: string
  readonly block?: string
  readonly timeFeatures?: string
  readonly similarity?: string
  readonly temperature?: number
  readonly dim?: number
  readonly blocks?: number
  readonly heads?: number
  readonly feedForwardDim?: number
  readonly maxLength?: number
  readonly dropout?: number
  readonly objective?: string
  readonly outputEmbeddings?: string
  readonly popularityPrior?: number
  readonly loss?: string
  readonly negatives?: number
  readonly negativeSampling?: string
  readonly popularityExponent?: number
  readonly uniformShare?: number
  readonly negativesSharedBy?: string
  /** True unless the user says `--no-log-q`. */
  readonly logQ?: boolean
  readonly gbceCalibration?: number
  readonly batchSize?: number
  readonly learningRate?: number
  readonly learningRateDecay?: string
  readonly warmUpSteps?: number
  readonly maxEpochs?: number
  readonly maxSeconds?: number
  readonly patience?: number
  readonly refitEpochs?: number
  readonly seed?: number
}

/** Adds {@link FitFlags} to a command. */
export function addFitFlags(command: Command): Command {
  return command
    .option('--horizon-days <days>', 'days within which a purchase counts as right', Number)
    .option('--test-date <date>', 'when the test question is asked, as YYYY-MM-DD (UTC)')
    .option('--block <name>', `one of ${BLOCKS.join(', ')}`)
    .option('--time-features <names>', `comma-separated, of ${TIME_FEATURES.join(', ')}`)
    .option('--similarity <name>', `one of ${SIMILARITIES.join(', ')}`)
    .option('--temperature <n>', 'what the cosine is divided by', Number)
    .option('--dim <n>', 'length of item vectors', Number)
    .option('--blocks <n>', 'transformer blocks', Number)
    .option('--heads <n>', 'attention heads', Number)
    .option('--feed-forward-dim <n>', 'width of the feed-forward layer', Number)
    .option('--max-length <n>', 'longest history the network sees', Number)
    .option('--dropout <share>', 'share of activations dropped in training', Number)
    .option('--objective <name>', `one of ${OBJECTIVES.join(', ')}`)
    .option('--output-embeddings <name>', `one of ${OUTPUT_EMBEDDINGS.join(', ')}`)
    .option('--popularity-prior <n>', 'weight of popularity in every logit', Number)
    .option('--loss <name>', `one of ${LOSSES.join(', ')}`)
    .option('--negatives <n>', 'random items that a target competes with, but for softmax', Number)
    .option('--negative-sampling <name>', `one of ${NEGATIVE_SAMPLINGS.join(', ')}`)
    .option('--popularity-exponent <n>', 'for popularity: 0 is uniform, 1 by count', Number)
    .option('--uniform-share <share>', 'for mixed: share of uniform draws', Number)
    .option('--negatives-shared-by <name>', `one of ${NEGATIVE_SHARES.join(', ')}`)
    .option('--no-log-q', 'for sampled-softmax: leave out the correction of logits')
    .option('--gbce-calibration <n>', 'for gbce: 0 is plain BCE, 1 calibrates fully', Number)
    .option('--batch-size <n>', 'sequences a step', Number)
    .option('--learning-rate <rate>', 'step size of Adam', Number)
    .option('--learning-rate-decay <name>', `one of ${DECAYS.join(', ')}`)
    .option('--warm-up-steps <n>', 'steps over which the step size rises', Number)
    .option('--max-epochs <n>', 'most passes over the data', Number)
    .option('--max-seconds <n>', 'seconds after which training ends', Number)
    .option('--patience <n>', 'validations without gain before it stops', Number)
    .option('--refit-epochs <n>', 'epochs on the validation window at the end', Number)
    .option('--seed <n>', 'fixes every random choice', Number)
}

/**
 * Returns the options that flags stand for, over those of a settings file.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if `--test-date` is no date; values are checked where they are used.
 */
export function toTrainOptions(flags: FitFlags, settings: TrainOptions = {}): TrainOptions {
  const encoder: Record<keyof EncoderOptions, unknown> = {
    block: flags.block,
    timeFeatures: flags.timeFeatures === undefined ? undefined : splitNames(flags.timeFeatures),
    similarity: flags.similarity,
    temperature: flags.temperature,
    dim: flags.dim,
    numBlocks: flags.blocks,
    numHeads: flags.heads,
    feedForwardDim: flags.feedForwardDim,
    activation: undefined,
    maxLength: flags.maxLength,
    dropout: flags.dropout,
    outputEmbeddings: flags.outputEmbeddings,
  }
  const options: Partial<Record<keyof TrainOptions, unknown>> = {
    horizonDays: flags.horizonDays,
    testCutMs: flags.testDate === undefined ? undefined : parseDate('--test-date', flags.testDate),
    objective: flags.objective,
    popularityPrior: flags.popularityPrior,
    loss: flags.loss,
    numNegatives: flags.negatives,
    negativeSampling: flags.negativeSampling,
    popularityExponent: flags.popularityExponent,
    uniformShare: flags.uniformShare,
    negativesSharedBy: flags.negativesSharedBy,
    // Commander says true where the user said nothing, which must not go before a file's false.
    logQ: flags.logQ === false ? false : undefined,
    gbceCalibration: flags.gbceCalibration,
    batchSize: flags.batchSize,
    learningRate: flags.learningRate,
    learningRateDecay: flags.learningRateDecay,
    warmUpSteps: flags.warmUpSteps,
    maxEpochs: flags.maxEpochs,
    maxSeconds: flags.maxSeconds,
    patience: flags.patience,
    refitEpochs: flags.refitEpochs,
    seed: flags.seed,
  }
  return {
    ...settings,
    ...given(options),
    encoder: { ...settings.encoder, ...given(encoder) },
  }
}

/** Returns the names of a comma-separated list. */
export function splitNames(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}

/**
 * Returns midnight UTC of a day, ms since 1970.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if there is no such day.
 */
export function parseDate(flag: string, text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // Date.parse takes the 30th of February for a day in March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return time
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${flag}\` to be a date like 2011-09-01, got \`${text}\`.`,
  )
}

function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
