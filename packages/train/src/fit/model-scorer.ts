import {
  addRepeatScores,
  type BlendConfig,
  type EncoderConfig,
  type History,
  type Scorer,
} from '@perennial/core'
import type { Engine, PackedSequences } from '../engine/engine.ts'
import type { Weights } from './model-state.ts'

/** Options of {@link createModelScorer}. */
export interface ModelScorerOptions {
  readonly engine: Engine
  readonly config: EncoderConfig
  /** Adds the repeat part to the network's scores. @defaultValue the network alone */
  readonly blend?: BlendConfig | undefined
  /** @defaultValue 'sasrec', or 'sasrec + repeats' with `blend` */
  readonly name?: string | undefined
}

/** A scorer that holds engine memory until it is disposed. */
export interface ModelScorer extends Scorer {
  dispose(): void
}

/** Creates a scorer from trained weights. An empty history scores every item 0. */
export function createModelScorer(weights: Weights, options: ModelScorerOptions): ModelScorer {
  const { engine, config, blend } = options
  const { name = blend === undefined ? 'sasrec' : 'sasrec + repeats' } = options
  const model = engine.load(weights.parameters, weights.itemTable)
  const width = weights.itemTable.length / config.dim
  return {
    name,
    scoreBatch: (histories, scores) => {
      scores.fill(0)
      const filled = histories.flatMap((history, b) => (history.itemRows.length > 0 ? [b] : []))
      if (filled.length > 0) {
        const packed = packHistories(
          filled.map((b) => histories[b] as History),
          config.maxLength,
        )
        const computed = model.score(packed)
        filled.forEach((b, i) => {
          scores.set(computed.subarray(i * width, (i + 1) * width), b * width)
        })
      }
      if (blend === undefined) return
      histories.forEach((history, b) => {
        addRepeatScores(history, blend, scores.subarray(b * width, (b + 1) * width))
      })
    },
    dispose: () => model.dispose(),
  }
}

/** Packs the newest `maxLength` events of each history, none of which is empty. */
export function packHistories(histories: readonly History[], maxLength: number): PackedSequences {
  const recent = histories.map(({ itemRows }) =>
    itemRows.subarray(Math.max(0, itemRows.length - maxLength)),
  )
  const offsets = new Int32Array(recent.length + 1)
  recent.forEach((rows, b) => {
    offsets[b + 1] = (offsets[b] as number) + rows.length
  })
  const tokens = new Int32Array(offsets[recent.length] as number)
  recent.forEach((rows, b) => {
    tokens.set(rows, offsets[b] as number)
  })
  return { offsets, tokens }
}
