import { checkChoice, checkInteger, checkNumber } from '../errors.ts'

/** Activations of the feed-forward layer. */
export const ACTIVATIONS = ['gelu', 'relu'] as const

/** What a checkpoint and an artifact store about the network. */
export interface EncoderConfig {
  /** Length of item vectors and of the query vector. */
  readonly dim: number
  /** Number of transformer blocks. */
  readonly numBlocks: number
  /** Attention heads; divides `dim`. */
  readonly numHeads: number
  /** Longest history the network sees; older events are cut off. */
  readonly maxLength: number
  /** Width of the feed-forward layer. */
  readonly feedForwardDim: number
  readonly activation: (typeof ACTIVATIONS)[number]
  /** Share of activations set to zero in training, `0..0.9`. */
  readonly dropout: number
}

/** What a caller may say of the network; everything has a default. */
export interface EncoderOptions {
  /** @defaultValue 64 */
  readonly dim?: number | undefined
  /** @defaultValue 2 */
  readonly numBlocks?: number | undefined
  /** @defaultValue 1 */
  readonly numHeads?: number | undefined
  /** @defaultValue 50 */
  readonly maxLength?: number | undefined
  /** @defaultValue 4 times `dim` */
  readonly feedForwardDim?: number | undefined
  /** @defaultValue 'gelu' */
  readonly activation?: (typeof ACTIVATIONS)[number] | undefined
  /** @defaultValue 0.1 */
  readonly dropout?: number | undefined
}

/**
 * Expands and checks options; the only place that knows the defaults.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 */
export function createEncoderConfig(options: EncoderOptions = {}): EncoderConfig {
  const {
    dim = 64,
    numBlocks = 2,
    numHeads = 1,
    maxLength = 50,
    activation = 'gelu',
    dropout = 0.1,
  } = options
  const { feedForwardDim = 4 * dim } = options
  checkInteger('dim', dim, 1, 4096)
  checkInteger('numBlocks', numBlocks, 1, 64)
  checkInteger('numHeads', numHeads, 1, dim)
  checkInteger('dim / numHeads', dim / numHeads, 1)
  checkInteger('maxLength', maxLength, 1, 8192)
  checkInteger('feedForwardDim', feedForwardDim, 1)
  checkChoice('activation', activation, ACTIVATIONS)
  checkNumber('dropout', dropout, 0, 0.9)
  return { dim, numBlocks, numHeads, maxLength, feedForwardDim, activation, dropout }
}
