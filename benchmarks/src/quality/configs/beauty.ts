import type { Experiment } from '../experiment.ts'

/** SASRec blocks with the cosine and sampled softmax on the S3-Rec file of Amazon Beauty, chosen on validation. */
export const beauty: Experiment = {
  name: 'beauty',
  dataset: 'amazon-beauty',
  protocol:
    'leave one out on the S3-Rec file; last item is test, second-last is validation; full ranking of 12,101 items, seen items removed, targets never trained on dropped; weights with the best validation NDCG@10',
  excludeSeen: true,
  dropColdTargets: true,
  fit: {
    encoder: {
      block: 'sasrec',
      dim: 128,
      numBlocks: 1,
      numHeads: 1,
      maxLength: 50,
      feedForwardDim: 256,
      dropout: 0.5,
      similarity: 'cosine',
      temperature: 0.07,
    },
    loss: 'sampled-softmax',
    numNegatives: 512,
    negativeSampling: 'popularity',
    popularityExponent: 0.5,
    logQ: false,
    batchSize: 256,
    learningRate: 0.001,
    learningRateDecay: 'cosine',
    warmUpSteps: 200,
    maxEpochs: 30,
    validateEvery: 5,
    patience: 10,
  },
  variants: {
    'ligr-block': { encoder: { block: 'ligr' } },
    'dim-64': { encoder: { dim: 64, feedForwardDim: 128 } },
    'uniform-negatives': { negativeSampling: 'uniform' },
    'dropout-0.2': { encoder: { dropout: 0.2 } },
    'dot-product': { encoder: { similarity: 'dot' } },
  },
}
