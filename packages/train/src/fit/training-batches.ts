import { createRng, hash32, type Sequences, shuffle } from '@perennial/core'
import type { PreparedBatch } from '../engine/engine.ts'
import { askHorizon, askNext, joinSequences, type TrainingSequence } from './asked-sequence.ts'
import { firstOutputRow } from './model-state.ts'
import { drawNegatives, type NegativePool } from './negatives.ts'
import type { FitConfig } from './options.ts'
import { type PopularityPrior, priorOf } from './popularity-prior.ts'
import { trainingStart } from './training-range.ts'

/** What is known of items before training. */
export interface ItemKnowledge {
  readonly pool: NegativePool
  /** `null` without a prior. */
  readonly prior: PopularityPrior | null
}

/** What batches are made from. */
export interface TrainingData extends ItemKnowledge {
  readonly sequences: Sequences
  readonly trainEnds: Int32Array
}

/** Streams of random numbers, so that no two purposes share one. */
export const STREAM = {
  order: 11,
  negatives: 12,
  dropout: 13,
  shards: 14,
  window: 15,
  horizon: 16,
} as const

/** Returns the users who can be learnt from, in the order of one epoch. */
export function epochOrder(
  { sequences, trainEnds }: Pick<TrainingData, 'sequences' | 'trainEnds'>,
  { config, epoch }: { readonly config: FitConfig; readonly epoch: number },
): Int32Array {
  const users: number[] = []
  for (let u = 0; u < sequences.numUsers; u++) {
    const times = sequences.timestampMs.subarray(sequences.offsets[u], trainEnds[u])
    if (trainingStart(times, config) !== undefined) users.push(u)
  }
  return shuffle(Int32Array.from(users), createRng(config.seed, STREAM.order, epoch))
}

/**
 * Returns the batch of the given users, each from {@link trainingStart} to the end of the training part.
 *
 * @param step - Count of steps of the whole run; fixes all that is drawn.
 */
export function prepareBatch(
  { sequences, trainEnds, ...items }: TrainingData,
  users: Int32Array,
  { config, step }: { readonly config: FitConfig; readonly step: number },
): PreparedBatch {
  const parts = Array.from(users, (u): TrainingSequence => {
    const itemRows = sequences.itemRows.subarray(sequences.offsets[u], trainEnds[u])
    const timestampMs = sequences.timestampMs.subarray(sequences.offsets[u], trainEnds[u])
    const start = trainingStart(timestampMs, config)
    return { itemRows: itemRows.subarray(start), timestampMs: timestampMs.subarray(start) }
  })
  return packBatch(parts, items, { config, step })
}

/** Returns the batch of the given sequences, asked as the objective says. */
export function packBatch(
  sequences: readonly TrainingSequence[],
  { pool, prior }: ItemKnowledge,
  { config, step }: { readonly config: FitConfig; readonly step: number },
): PreparedBatch {
  const { objective, horizonDays, seed, encoder } = config
  const rng = createRng(seed, STREAM.horizon, step)
  const joined = joinSequences(
    sequences.map((sequence) =>
      objective === 'next' ? askNext(sequence) : askHorizon(sequence, { horizonDays, rng }),
    ),
  )
  const { tokens, askedSeconds, questions, targets } = joined
  const negatives =
    config.loss === 'softmax'
      ? null
      : drawNegatives(pool, {
          config,
          targets,
          numSequences: sequences.length,
          stream: [STREAM.negatives, step],
        })
  const rows = placeRows(
    { tokens, answers: negatives === null ? null : [targets, negatives.items] },
    { encoder, numItems: pool.numItems },
  )
  const { itemRows, firstOutput, outputs, toInput, toOutput } = rows
  return {
    itemRows,
    batch: {
      ...joined,
      tokens: tokens.map(toInput),
      targets: targets.map(toOutput),
      firstOutput,
      negatives: negatives === null ? null : { ...negatives, items: negatives.items.map(toOutput) },
      prior: prior === null ? null : priorOf(prior, outputs, { questions, askedSeconds }),
      dropoutSeed: hash32(seed, STREAM.dropout, step),
    },
  }
}

/** Where the items of a batch are among the rows of the item table that it uses. */
interface PlacedRows {
  /** Rows of the item table, ascending: those of tokens alone, then from `firstOutput` on those of `outputs`. */
  readonly itemRows: Int32Array
  readonly firstOutput: number
  /** Item rows that can be answers, ascending. */
  readonly outputs: Int32Array
  /** Position of an item row that is read, and of one that is an answer, counted from `firstOutput`. */
  readonly toInput: (itemRow: number) => number
  readonly toOutput: (itemRow: number) => number
}

/** @param answers - `null`: every item can be an answer. */
function placeRows(
  { tokens, answers }: { tokens: Int32Array; answers: readonly Int32Array[] | null },
  { encoder, numItems }: { encoder: FitConfig['encoder']; numItems: number },
): PlacedRows {
  const tied = encoder.outputEmbeddings === 'tied'
  const outputs =
    answers === null
      ? Int32Array.from({ length: numItems }, (_, i) => i + 1)
      : distinctRows(tied ? [tokens, ...answers] : answers)
  const toOutput = positionsOf(outputs, numItems)
  if (tied) return { itemRows: outputs, firstOutput: 0, outputs, toInput: toOutput, toOutput }
  const inputs = distinctRows([tokens])
  const first = firstOutputRow(encoder, numItems)
  return {
    itemRows: concatenate([inputs, outputs.map((row) => first + row)]),
    firstOutput: inputs.length,
    outputs,
    toInput: positionsOf(inputs, numItems),
    toOutput,
  }
}

function distinctRows(parts: readonly Int32Array[]): Int32Array {
  // A bitmap over the catalogue would make the step as slow as the catalogue is large.
  const rows = concatenate(parts).sort()
  let count = 0
  for (let i = 0; i < rows.length; i++)
    if (i === 0 || rows[i] !== rows[i - 1]) rows[count++] = rows[i] as number
  return rows.slice(0, count)
}

function concatenate(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let end = 0
  for (const part of parts) {
    all.set(part, end)
    end += part.length
  }
  return all
}

/** Returns the map from an item row to its place in the ascending `itemRows`. */
function positionsOf(itemRows: Int32Array, numItems: number): (row: number) => number {
  if (itemRows.length === numItems) return (row) => row - 1
  return (row) => {
    let low = 0
    let high = itemRows.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((itemRows[middle] as number) < row) low = middle + 1
      else high = middle
    }
    return low
  }
}
