import type { DatasetName } from '@perennial/datasets'

/** What both packages and both peers call a loss. */
export type TrainingLoss = 'bce' | 'sampled-softmax' | 'softmax'

/** One comparison: a data set, a size of network and a loss. */
export interface TrainingSetting {
  /** Name on the command line and in the result. */
  readonly name: string
  readonly dataset: DatasetName
  readonly dim: number
  readonly maxLength: number
  readonly loss: TrainingLoss
}

/** What is the same in every setting: batch, network besides width and length, optimiser. */
export const COMMON = {
  batchSize: 128,
  numBlocks: 2,
  numHeads: 1,
  dropout: 0.2,
  /** Negatives that a batch shares with `sampled-softmax`; with `bce` each token has one of its own. */
  numShared: 128,
  learningRate: 0.001,
} as const

const MOVIELENS = { dataset: 'movielens-1m', dim: 50, maxLength: 200 } as const
const BEAUTY = { dataset: 'amazon-beauty', dim: 64, maxLength: 50 } as const

/** The comparisons, in the order they run in. */
export const SETTINGS: readonly TrainingSetting[] = [
  { name: 'ml-1m-bce', ...MOVIELENS, loss: 'bce' },
  { name: 'ml-1m-sampled', ...MOVIELENS, loss: 'sampled-softmax' },
  { name: 'ml-1m-softmax', ...MOVIELENS, loss: 'softmax' },
  { name: 'beauty-bce', ...BEAUTY, loss: 'bce' },
  { name: 'beauty-sampled', ...BEAUTY, loss: 'sampled-softmax' },
  { name: 'beauty-softmax', ...BEAUTY, loss: 'softmax' },
]

/** Name of the comparison of catalogue sizes. */
export const CATALOGUE = 'catalogue'

/** What steps are timed with: our engines, then PyTorch written the popular way and written for speed. */
export const ENGINES_COMPARED = ['wasm', 'tensorflow', 'plain', 'tuned'] as const

/** One of {@link ENGINES_COMPARED}. */
export type ComparedEngine = (typeof ENGINES_COMPARED)[number]
