import { checkChoice, checkInteger, checkNumber, RecommenderError } from '../errors.ts'

/** Activations of the feed-forward layer. */
export const ACTIVATIONS = ['gelu', 'relu'] as const

/** Transformer blocks: see {@link encodeSequences}. */
export const BLOCKS = ['sasrec', 'ligr', 'hstu'] as const

/** Times of the question that the network may see: log gap since the event, and weekday with season. */
export const TIME_FEATURES = ['gap', 'calendar'] as const

/** How a query and an item vector make a score: inner product, or cosine over a temperature. */
export const SIMILARITIES = ['dot', 'cosine'] as const

/** Whether one table serves as what the network reads and as what its query is compared with, or one each. */
export const OUTPUT_EMBEDDINGS = ['tied', 'untied'] as const

/** What a checkpoint and an artifact store about the network. */
export interface EncoderConfig {
  /** Length of item vectors and of the query vector. */
  readonly dim: number
  readonly block: (typeof BLOCKS)[number]
  /** Number of transformer blocks. */
  readonly numBlocks: number
  /** Attention heads; divides `dim`. */
  readonly numHeads: number
  /** Longest history the network sees; older events are cut off. */
  readonly maxLength: number
  /** Width of the feed-forward layer. */
  readonly feedForwardDim: number
  /** Of the feed-forward layer of block `sasrec`; the others have their own. */
  readonly activation: (typeof ACTIVATIONS)[number]
  /** Share of activations set to zero in training, `0..0.9`. */
  readonly dropout: number
  readonly timeFeatures: readonly (typeof TIME_FEATURES)[number][]
  readonly similarity: (typeof SIMILARITIES)[number]
  /** With `cosine`: what the cosine is divided by. Item vectors are then of length 1. */
  readonly temperature: number
  readonly outputEmbeddings: (typeof OUTPUT_EMBEDDINGS)[number]
}

/** What a caller may say of the network; everything has a default. */
export interface EncoderOptions {
  /** @defaultValue 64 */
  readonly dim?: number | undefined
  /** @defaultValue 'sasrec' */
  readonly block?: (typeof BLOCKS)[number] | undefined
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
  /** Needs data with real times. @defaultValue none */
  readonly timeFeatures?: readonly (typeof TIME_FEATURES)[number][] | undefined
  /** @defaultValue 'dot' */
  readonly similarity?: (typeof SIMILARITIES)[number] | undefined
  /** For `similarity: 'cosine'`. @defaultValue 0.05 */
  readonly temperature?: number | undefined
  /** `untied`: items have a second vector that queries are compared with, which doubles the item table. @defaultValue 'tied' */
  readonly outputEmbeddings?: (typeof OUTPUT_EMBEDDINGS)[number] | undefined
}

/**
 * Expands and checks options; the only place that knows the defaults.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 */
export function createEncoderConfig(options: EncoderOptions = {}): EncoderConfig {
  const {
    dim = 64,
    block = 'sasrec',
    numBlocks = 2,
    numHeads = 1,
    maxLength = 50,
    activation = 'gelu',
    dropout = 0.1,
    timeFeatures = [],
    similarity = 'dot',
    temperature = 0.05,
    outputEmbeddings = 'tied',
  } = options
  const { feedForwardDim = 4 * dim } = options
  checkInteger('dim', dim, 1, 4096)
  checkChoice('block', block, BLOCKS)
  checkInteger('numBlocks', numBlocks, 1, 64)
  checkInteger('numHeads', numHeads, 1, dim)
  checkInteger('dim / numHeads', dim / numHeads, 1)
  checkInteger('maxLength', maxLength, 1, 8192)
  checkInteger('feedForwardDim', feedForwardDim, 1)
  checkChoice('activation', activation, ACTIVATIONS)
  checkNumber('dropout', dropout, 0, 0.9)
  if (!Array.isArray(timeFeatures)) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`timeFeatures\` to be a list of ${TIME_FEATURES.join(', ')}, got \`${timeFeatures}\` (${typeof timeFeatures}).`,
    )
  }
  for (const feature of timeFeatures) checkChoice('timeFeatures', feature, TIME_FEATURES)
  checkChoice('similarity', similarity, SIMILARITIES)
  checkNumber('temperature', temperature, 1e-3, 100)
  checkChoice('outputEmbeddings', outputEmbeddings, OUTPUT_EMBEDDINGS)
  return {
    dim,
    block,
    numBlocks,
    numHeads,
    maxLength,
    feedForwardDim,
    activation,
    dropout,
    timeFeatures,
    similarity,
    temperature,
    outputEmbeddings,
  }
}
