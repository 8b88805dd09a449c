import type { Experiment } from '../experiment.ts'

/** SASRec with full softmax on the exact SASRec file, chosen on validation. */
export const ml1m: Experiment = {
  name: 'ml-1m',
  dataset: 'movielens-1m',
  protocol:
    'leave one out on the exact SASRec file; last item is test, second-last is validation; full ranking of 3,416 items, seen items removed; weights with the best validation NDCG@10',
  excludeSeen: true,
  dropColdTargets: false,
  fit: {
    encoder: {
      block: 'ligr',
      dim: 64,
      numBlocks: 2,
      numHeads: 2,
      maxLength: 200,
      feedForwardDim: 128,
      dropout: 0.1,
    },
    loss: 'softmax',
    batchSize: 32,
    learningRate: 0.004,
    learningRateDecay: 'cosine',
    warmUpSteps: 200,
    maxEpochs: 16,
    validateEvery: 4,
    patience: 10,
  },
  variants: {},
}
