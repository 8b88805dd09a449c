import {
  checkChoice,
  checkInteger,
  checkNumber,
  createEncoderConfig,
  type EncoderConfig,
  type EncoderOptions,
} from '@perennial/core'

/** Training objectives. */
export const LOSSES = ['softmax', 'sampled-softmax'] as const

/** How the learning rate goes on from its start. */
export const DECAYS = ['none', 'cosine'] as const

/** What a caller may say of a training run; everything has a default. */
export interface FitOptions {
  readonly encoder?: EncoderOptions | undefined
  /** `softmax`: against every item; `sampled-softmax`: against shared random items. @defaultValue 'softmax' up to 20,000 items, else 'sampled-softmax' */
  readonly loss?: (typeof LOSSES)[number] | undefined
  /** Random items a step's targets compete with, for `sampled-softmax`. @defaultValue 512 */
  readonly numNegatives?: number | undefined
  /** Sequences a step. @defaultValue 32 */
  readonly batchSize?: number | undefined
  /** @defaultValue 0.002 */
  readonly learningRate?: number | undefined
  /** `cosine`: falls to 0 over `maxEpochs`, as half a cosine wave; `none`: stays. @defaultValue 'none' */
  readonly learningRateDecay?: (typeof DECAYS)[number] | undefined
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
  readonly loss: (typeof LOSSES)[number]
  readonly numNegatives: number
  readonly batchSize: number
  readonly learningRate: number
  readonly learningRateDecay: (typeof DECAYS)[number]
  readonly maxEpochs: number
  readonly maxSeconds: number | null
  readonly validateEvery: number
  readonly patience: number
  readonly validationUsers: number | null
  readonly excludeSeen: boolean
  readonly seed: number
}

const FULL_SOFTMAX_LIMIT = 20_000

/**
 * Expands and checks options; the only place that knows the defaults.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 */
export function createFitConfig(options: FitOptions, numItems: number): FitConfig {
  const {
    loss = numItems <= FULL_SOFTMAX_LIMIT ? 'softmax' : 'sampled-softmax',
    numNegatives = Math.min(512, numItems),
    batchSize = 32,
    learningRate = 0.002,
    learningRateDecay = 'none',
    maxEpochs = 200,
    maxSeconds = null,
    validateEvery = 1,
    patience = 10,
    validationUsers = null,
    excludeSeen = false,
    seed = 1,
  } = options
  checkChoice('loss', loss, LOSSES)
  checkInteger('numNegatives', numNegatives, 1, numItems)
  checkInteger('batchSize', batchSize, 1)
  checkNumber('learningRate', learningRate, 0, 1)
  checkChoice('learningRateDecay', learningRateDecay, DECAYS)
  checkInteger('maxEpochs', maxEpochs, 1)
  if (maxSeconds !== null) checkNumber('maxSeconds', maxSeconds, 0)
  checkInteger('validateEvery', validateEvery, 1)
  checkInteger('patience', patience, 1)
  if (validationUsers !== null) checkInteger('validationUsers', validationUsers, 1)
  checkInteger('seed', seed, 0, 2 ** 32 - 1)
  return {
    encoder: createEncoderConfig(options.encoder),
    loss,
    numNegatives,
    batchSize,
    learningRate,
    learningRateDecay,
    maxEpochs,
    maxSeconds,
    validateEvery,
    patience,
    validationUsers,
    excludeSeen,
    seed,
  }
}

/**
 * Returns the learning rate of a step: with `cosine`, `learningRate / 2 (1 + cos(pi share))`.
 *
 * @param share - Steps done over all steps of `maxEpochs`, `0..1`.
 * @see Loshchilov and Hutter 2017, {@link https://arxiv.org/abs/1608.03983 | arXiv:1608.03983}, eq. 5, without restarts.
 */
export function learningRateAt(
  { learningRate, learningRateDecay }: Pick<FitConfig, 'learningRate' | 'learningRateDecay'>,
  share: number,
): number {
  return learningRateDecay === 'none'
    ? learningRate
    : (learningRate / 2) * (1 + Math.cos(Math.PI * share))
}
