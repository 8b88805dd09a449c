import type { Experiment } from '../experiment.ts'

/** LiGR blocks with full softmax on the exact SASRec file, chosen on validation. */
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
      dim: 128,
      numBlocks: 2,
      numHeads: 2,
      maxLength: 200,
      feedForwardDim: 256,
      dropout: 0.15,
    },
    loss: 'softmax',
    batchSize: 32,
    learningRate: 0.0025,
    learningRateDecay: 'cosine',
    warmUpSteps: 200,
    maxEpochs: 18,
    validateEvery: 3,
    patience: 10,
  },
  variants: {
    'sasrec-block': { encoder: { block: 'sasrec' } },
    'one-head': { encoder: { numHeads: 1 } },
    'dim-64': { encoder: { dim: 64, feedForwardDim: 128 } },
    'sampled-softmax': { loss: 'sampled-softmax', numNegatives: 512 },
  },
}
