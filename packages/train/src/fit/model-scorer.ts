import {
  addRepeatScores,
  type BlendConfig,
  type EncoderConfig,
  type History,
  type Scorer,
  unitVectors,
} from '@perennial/core'
import type { Engine, PackedSequences } from '../engine/engine.ts'
import { toSeconds } from './asked-sequence.ts'
import { numTables, type Weights } from './model-state.ts'

/** Options of {@link createModelScorer}. */
export interface ModelScorerOptions {
  readonly engine: Engine
  readonly config: EncoderConfig
  /** Adds the repeat part to the network's scores. @defaultValue the network alone */
  readonly blend?: BlendConfig | undefined
  /** Added to the score of each item: shape `[numItems + 1]`. @defaultValue nothing */
  readonly priorLogits?: Float32Array | null | undefined
  /** @defaultValue the block, as 'sasrec'; with `blend` followed by ' + repeats' */
  readonly name?: string | undefined
}

/** A scorer that holds engine memory until it is disposed. */
export interface ModelScorer extends Scorer {
  dispose(): void
}

/**
 * Creates a scorer from trained weights. An empty history scores every item 0, and by the prior where there is one.
 *
 * Where the score is a cosine, item vectors are scaled to length 1 as in training.
 */
export async function createModelScorer(
  weights: Weights,
  options: ModelScorerOptions,
): Promise<ModelScorer> {
  const { engine, config, blend, priorLogits = null } = options
  const { name = blend === undefined ? config.block : `${config.block} + repeats` } = options
  const { similarity, dim } = config
  const { parameters } = weights
  const tables = similarity === 'cosine' ? unitVectors(weights.itemTable, dim) : weights.itemTable
  const width = tables.length / dim / numTables(config)
  const tied = config.outputEmbeddings === 'tied'
  const model = await engine.load({
    parameters,
    itemTable: tied ? tables : tables.subarray(0, width * dim),
    outputTable: tied ? undefined : tables.subarray(width * dim),
  })
  return {
    name,
    scoreBatch: async (histories, scores) => {
      scores.fill(0)
      const filled = histories.flatMap((history, b) => (history.itemRows.length > 0 ? [b] : []))
      if (filled.length > 0) {
        const packed = packHistories(
          filled.map((b) => histories[b] as History),
          config.maxLength,
        )
        const computed = await model.score(packed)
        filled.forEach((b, i) => {
          scores.set(computed.subarray(i * width, (i + 1) * width), b * width)
        })
      }
      histories.forEach((history, b) => {
        const row = scores.subarray(b * width, (b + 1) * width)
        priorLogits?.forEach((logit, itemRow) => {
          row[itemRow] = (row[itemRow] as number) + logit
        })
        if (blend !== undefined) addRepeatScores(history, blend, row)
      })
    },
    dispose: () => model.dispose(),
  }
}

/** Packs the newest `maxLength` events of each history, none of which is empty. */
export function packHistories(histories: readonly History[], maxLength: number): PackedSequences {
  const offsets = new Int32Array(histories.length + 1)
  histories.forEach(({ itemRows }, b) => {
    offsets[b + 1] = (offsets[b] as number) + Math.min(maxLength, itemRows.length)
  })
  const numTokens = offsets[histories.length] as number
  const tokens = new Int32Array(numTokens)
  const eventSeconds = new Float64Array(numTokens)
  const askedSeconds = new Float64Array(numTokens)
  histories.forEach(({ itemRows, timestampMs, asOfMs }, b) => {
    const first = offsets[b] as number
    const length = (offsets[b + 1] as number) - first
    const start = itemRows.length - length
    tokens.set(itemRows.subarray(start), first)
    for (let t = 0; t < length; t++) {
      eventSeconds[first + t] = toSeconds(timestampMs[start + t] as number)
      askedSeconds[first + t] = toSeconds(timestampMs[start + t + 1] ?? asOfMs)
    }
  })
  return { offsets, tokens, eventSeconds, askedSeconds }
}
