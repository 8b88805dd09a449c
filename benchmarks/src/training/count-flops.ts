import type { EncoderConfig } from '@perennial/core'
import type { PackedBatch } from './draw-batches.ts'
import type { TrainingLoss } from './settings.ts'

/** Options of {@link countFlops}. */
export interface CountFlopsOptions {
  readonly encoder: Pick<EncoderConfig, 'dim' | 'numBlocks' | 'feedForwardDim'>
  readonly numItems: number
  readonly loss: TrainingLoss
}

/**
 * Returns the floating-point operations that a training step needs, a multiplication and an addition counted as two.
 *
 * Only the matrix products are counted, on the tokens that are there: query, key, value and output of attention, the
 * pairs of tokens that see each other, the feed-forward layer, and the scores that the loss takes. Backward is twice
 * forward. The count is the same for all engines, whatever they compute besides.
 */
export function countFlops(
  { offsets, tokens, negatives }: Pick<PackedBatch, 'offsets' | 'tokens' | 'negatives'>,
  { encoder: { dim, numBlocks, feedForwardDim }, numItems, loss }: CountFlopsOptions,
): number {
  const numTokens = tokens.length
  let numPairs = 0
  for (let b = 0; b + 1 < offsets.length; b++) {
    const length = (offsets[b + 1] as number) - (offsets[b] as number)
    numPairs += (length * (length + 1)) / 2
  }
  const dense = 2 * numTokens * (4 * dim * dim + 2 * dim * feedForwardDim)
  const attention = 2 * 2 * numPairs * dim
  const numScores = {
    bce: 2 * numTokens,
    'sampled-softmax': numTokens * (1 + negatives.length),
    softmax: numTokens * numItems,
  }[loss]
  return 3 * (numBlocks * (dense + attention) + 2 * numScores * dim)
}
