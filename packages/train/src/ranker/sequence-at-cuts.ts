import { DAY_MS, type Dataset, type History, historyOf, type SequenceScores } from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import { completeVectors } from '../export/cold-vectors.ts'
import { fit } from '../fit/fit.ts'
import { packHistories } from '../fit/model-scorer.ts'
import type { Weights } from '../fit/model-state.ts'
import type { FitOptions } from '../fit/options.ts'
import type { Past } from './ranking-lists.ts'

/** Options of {@link createSequenceAtCuts}. */
export interface SequenceAtCutsOptions {
  /** Created for the network of `fit`. */
  readonly engine: Engine
  /** Settings of the sequence model; `maxEpochs` are those of the first cut. */
  readonly fit: FitOptions
  /** Epochs at each later cut, from the weights of the one before on. @defaultValue 3 */
  readonly refitEpochs?: number | undefined
  /** Factor of the learning rate at later cuts. @defaultValue 0.5 */
  readonly refitRate?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((stage: string) => void) | undefined
}

/** Histories encoded at a time. */
const BATCH = 256

/**
 * Returns a function that gives the sequence model as it stands at a cut, trained on the days before it alone.
 *
 * Cuts come in order of time; at each the model goes on from the one before with what happened since, so its scores are
 * as fresh as in serving and have never seen the window that a list asks about. Each cut is learned once.
 */
export function createSequenceAtCuts(
  dataset: Dataset,
  options: SequenceAtCutsOptions,
): (past: Pick<Past, 'cutDay' | 'ends'>) => Promise<SequenceScores> {
  const { engine, refitEpochs = 3, refitRate = 0.5, signal, onStage } = options
  const known = new Map<number, SequenceScores>()
  let newest: { readonly cutDay: number; readonly weights: Weights } | undefined
  return async ({ cutDay, ends }) => {
    const found = known.get(cutDay)
    if (found !== undefined) return found
    // Weights of a later cut have seen this one's window.
    const before = newest !== undefined && newest.cutDay < cutDay ? newest : undefined
    onStage?.(
      `Sequence model at ${new Date(cutDay * DAY_MS).toISOString().slice(0, 10)}${before === undefined ? '' : ', going on'}`,
    )
    const { learningRate = 0.002 } = options.fit
    const { weights, config, priorLogits } = await fit(
      dataset,
      { trainEnds: ends, validation: [] },
      {
        ...options.fit,
        ...(before === undefined
          ? {}
          : { maxEpochs: refitEpochs, learningRate: learningRate * refitRate }),
        runtime: { createEngine: () => engine, signal, initialWeights: before?.weights },
      },
    )
    newest = { cutDay, weights }
    const { encoder, objective } = config
    const { itemTable } = completeVectors(weights.itemTable, {
      dataset,
      trainEnds: [ends],
      encoder,
      objective,
    })
    const queries = await encodeAll(
      engine,
      { ...weights, itemTable },
      {
        dataset,
        ends,
        cutDay,
        maxLength: encoder.maxLength,
        dim: encoder.dim,
      },
    )
    const scores: SequenceScores = {
      vectors: itemTable,
      dim: encoder.dim,
      prior: priorLogits,
      queryOf: ({ userRow }) => (userRow === undefined ? undefined : queries.get(userRow)),
    }
    known.set(cutDay, scores)
    return scores
  }
}

/** Returns the query vector of every user with a history. */
async function encodeAll(
  engine: Engine,
  weights: Weights,
  {
    dataset: { sequences },
    ends,
    cutDay,
    maxLength,
    dim,
  }: {
    readonly dataset: Dataset
    readonly ends: Int32Array
    readonly cutDay: number
    readonly maxLength: number
    readonly dim: number
  },
): Promise<Map<number, Float32Array>> {
  const model = await engine.load(weights)
  const queries = new Map<number, Float32Array>()
  try {
    const users = Array.from(ends.keys()).filter(
      (u) => (ends[u] as number) > (sequences.offsets[u] as number),
    )
    for (let first = 0; first < users.length; first += BATCH) {
      const batch = users.slice(first, first + BATCH)
      const histories = batch.map(
        (u): History => historyOf(sequences, u, ends[u] as number, cutDay * DAY_MS),
      )
      const encoded = await model.encode(packHistories(histories, maxLength))
      batch.forEach((u, b) => {
        queries.set(u, encoded.slice(b * dim, (b + 1) * dim))
      })
    }
  } finally {
    model.dispose()
  }
  return queries
}
