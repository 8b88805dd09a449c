import { createEncoderConfig, type EncoderConfig } from '@perennial/core'
import { COMMON, type TrainingSetting } from './settings.ts'

/** Returns the network of a setting: SASRec with a feed-forward layer as wide as the item vectors, and ReLU. */
export function createTaskEncoder({
  dim,
  maxLength,
}: Pick<TrainingSetting, 'dim' | 'maxLength'>): EncoderConfig {
  const { numBlocks, numHeads, dropout } = COMMON
  return createEncoderConfig({
    ...{ dim, maxLength, numBlocks, numHeads, dropout },
    feedForwardDim: dim,
    activation: 'relu',
  })
}
