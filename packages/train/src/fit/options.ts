import {
  checkChoice,
  checkInteger,
  checkNumber,
  createEncoderConfig,
  type EncoderConfig,
  type EncoderOptions,
  RecommenderError,
} from '@perennial/core'
import { NEGATIVE_SHARES } from '../engine/engine.ts'

/** Training objectives; see docs/guides/train.md for their formulas. */
export const LOSSES = ['softmax', 'sampled-softmax', 'bce', 'gbce'] as const

/** What a question asks for: the item of the next event, or one of those bought within a horizon. */
export const OBJECTIVES = ['next', 'horizon'] as const

/** What negatives are drawn from: all items alike, items as often as they are bought, or the batch's targets. */
export const NEGATIVE_SAMPLINGS = ['uniform', 'popularity', 'in-batch', 'mixed'] as const

/** How the learning rate goes on from its start. */
export const DECAYS = ['none', 'cosine'] as const

/** What a caller may say of a training run; everything has a default. */
export interface FitOptions {
  readonly encoder?: EncoderOptions | undefined
  /** `horizon`: each visit (a day's purchases) asks at a random time before the next for a random item of the horizon after it. @defaultValue 'next' */
  readonly objective?: (typeof OBJECTIVES)[number] | undefined
  /** For `horizon`: days after a question that hold its targets; a whole number. @defaultValue 28 */
  readonly horizonDays?: number | undefined
  /** Adds `popularityPrior ln(1 + c)` to the logit of each item, `c` its purchases before the question, each halved every 30 days; `0..10`. @defaultValue 0 */
  readonly popularityPrior?: number | undefined
  /** `softmax`: one choice out of every item; `sampled-softmax`: out of random items; `bce`, `gbce`: a yes or no for each. @defaultValue 'softmax' up to 20,000 items, else 'sampled-softmax' */
  readonly loss?: (typeof LOSSES)[number] | undefined
  /** Random items that a target competes with, for all losses but `softmax`. @defaultValue 512 */
  readonly numNegatives?: number | undefined
  /** `mixed`: uniform and in-batch. @defaultValue 'uniform' */
  readonly negativeSampling?: (typeof NEGATIVE_SAMPLINGS)[number] | undefined
  /** For `popularity`: items are drawn in proportion to their count to this power, `0..1`. @defaultValue 1 */
  readonly popularityExponent?: number | undefined
  /** For `mixed`: share of uniform draws, `0..1`. @defaultValue 0.5 */
  readonly uniformShare?: number | undefined
  /** Who shares one list of negatives. @defaultValue 'batch' */
  readonly negativesSharedBy?: (typeof NEGATIVE_SHARES)[number] | undefined
  /** For `sampled-softmax`: corrects logits by how likely an item is drawn. @defaultValue true */
  readonly logQ?: boolean | undefined
  /** For `gbce`: 0 is plain BCE, 1 calibrates probabilities fully. @defaultValue 0.75 */
  readonly gbceCalibration?: number | undefined
  /** Sequences a step. @defaultValue 32 */
  readonly batchSize?: number | undefined
  /** @defaultValue 0.002 */
  readonly learningRate?: number | undefined
  /** `cosine`: falls to 0 over `maxEpochs`, as half a cosine wave; `none`: stays. @defaultValue 'none' */
  readonly learningRateDecay?: (typeof DECAYS)[number] | undefined
  /** Steps over which the learning rate rises to its value. @defaultValue 0 */
  readonly warmUpSteps?: number | undefined
  /** Most passes over the training sequences. @defaultValue 200 */
  readonly maxEpochs?: number | undefined
  /** Seconds of training after which the current epoch is cut short and the run ends. @defaultValue no limit */
  readonly maxSeconds?: number | undefined
  /** Epochs between validations. @defaultValue 1 */
  readonly validateEvery?: number | undefined
  /** Validations without a better NDCG@10 after which training stops. @defaultValue 10 */
  readonly patience?: number | undefined
  /** Users asked at each validation, drawn once by the seed. @defaultValue all */
  readonly validationUsers?: number | undefined
  /** Whether validation leaves out items of the history. @defaultValue false */
  readonly excludeSeen?: boolean | undefined
  /** @defaultValue 1 */
  readonly seed?: number | undefined
}

/** Every setting of a run, as a checkpoint stores it. */
export interface FitConfig {
  readonly encoder: EncoderConfig
  readonly objective: (typeof OBJECTIVES)[number]
  readonly horizonDays: number
  readonly popularityPrior: number
  readonly loss: (typeof LOSSES)[number]
  readonly numNegatives: number
  readonly negativeSampling: (typeof NEGATIVE_SAMPLINGS)[number]
  readonly popularityExponent: number
  readonly uniformShare: number
  readonly negativesSharedBy: (typeof NEGATIVE_SHARES)[number]
  readonly logQ: boolean
  readonly gbceCalibration: number
  readonly batchSize: number
  readonly learningRate: number
  readonly learningRateDecay: (typeof DECAYS)[number]
  readonly warmUpSteps: number
  readonly maxEpochs: number
  readonly maxSeconds: number | null
  readonly validateEvery: number
  readonly patience: number
  readonly validationUsers: number | null
  readonly excludeSeen: boolean
  readonly seed: number
}

/** Items up to which a choice out of every item is the default. */
export const FULL_SOFTMAX_LIMIT = 20_000

/**
 * Expands and checks options; the only place that knows the defaults.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 */
export function createFitConfig(options: FitOptions, numItems: number): FitConfig {
  const {
    objective = 'next',
    horizonDays = 28,
    popularityPrior = 0,
    loss = numItems <= FULL_SOFTMAX_LIMIT ? 'softmax' : 'sampled-softmax',
    numNegatives = Math.min(512, numItems),
    negativeSampling = 'uniform',
    popularityExponent = 1,
    uniformShare = 0.5,
    negativesSharedBy = 'batch',
    logQ = true,
    gbceCalibration = 0.75,
    batchSize = 32,
    learningRate = 0.002,
    learningRateDecay = 'none',
    warmUpSteps = 0,
    maxEpochs = 200,
    maxSeconds = null,
    validateEvery = 1,
    patience = 10,
    validationUsers = null,
    excludeSeen = false,
    seed = 1,
  } = options
  checkChoice('objective', objective, OBJECTIVES)
  checkInteger('horizonDays', horizonDays, 1)
  checkNumber('popularityPrior', popularityPrior, 0, 10)
  checkChoice('loss', loss, LOSSES)
  checkInteger('numNegatives', numNegatives, 1, numItems)
  checkChoice('negativeSampling', negativeSampling, NEGATIVE_SAMPLINGS)
  checkNumber('popularityExponent', popularityExponent, 0, 1)
  checkNumber('uniformShare', uniformShare, 0, 1)
  checkChoice('negativesSharedBy', negativesSharedBy, NEGATIVE_SHARES)
  checkBoolean('logQ', logQ)
  checkNumber('gbceCalibration', gbceCalibration, 0, 1)
  checkInteger('batchSize', batchSize, 1)
  checkNumber('learningRate', learningRate, 0, 1)
  checkChoice('learningRateDecay', learningRateDecay, DECAYS)
  checkInteger('warmUpSteps', warmUpSteps, 0)
  checkInteger('maxEpochs', maxEpochs, 1)
  if (maxSeconds !== null) checkNumber('maxSeconds', maxSeconds, 0)
  checkInteger('validateEvery', validateEvery, 1)
  checkInteger('patience', patience, 1)
  if (validationUsers !== null) checkInteger('validationUsers', validationUsers, 1)
  checkBoolean('excludeSeen', excludeSeen)
  checkInteger('seed', seed, 0, 2 ** 32 - 1)
  return {
    encoder: createEncoderConfig(options.encoder),
    objective,
    horizonDays,
    popularityPrior,
    loss,
    numNegatives,
    negativeSampling,
    popularityExponent,
    uniformShare,
    negativesSharedBy,
    logQ,
    gbceCalibration,
    batchSize,
    learningRate,
    learningRateDecay,
    warmUpSteps,
    maxEpochs,
    maxSeconds,
    validateEvery,
    patience,
    validationUsers,
    excludeSeen,
    seed,
  }
}

/** Names of options that have a value in every run: those of `fit` without the network's, and the network's. */
export const OPTION_NAMES: {
  readonly fit: readonly string[]
  readonly encoder: readonly string[]
} = {
  fit: Object.keys(createFitConfig({}, 1)).filter((name) => name !== 'encoder'),
  encoder: Object.keys(createEncoderConfig()),
}

function checkBoolean(name: string, value: unknown): void {
  if (typeof value === 'boolean') return
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${name}\` to be true or false, got \`${value}\` (${typeof value}).`,
  )
}

/**
 * Returns the learning rate of a step: `learningRate min(1, (step + 1) / warmUpSteps)`, and with `cosine` times
 * `(1 + cos(pi share)) / 2`, `share` being that of all steps that are done.
 *
 * @param step - Steps done.
 * @see Loshchilov and Hutter 2017, {@link https://arxiv.org/abs/1608.03983 | arXiv:1608.03983}, eq. 5, without restarts.
 */
export function learningRateAt(
  {
    learningRate,
    learningRateDecay,
    warmUpSteps,
    maxEpochs,
  }: Pick<FitConfig, 'learningRate' | 'learningRateDecay' | 'warmUpSteps' | 'maxEpochs'>,
  { step, stepsPerEpoch }: { readonly step: number; readonly stepsPerEpoch: number },
): number {
  const warm = learningRate * Math.min(1, (step + 1) / Math.max(1, warmUpSteps))
  if (learningRateDecay === 'none') return warm
  return (warm / 2) * (1 + Math.cos((Math.PI * step) / (maxEpochs * stepsPerEpoch)))
}
