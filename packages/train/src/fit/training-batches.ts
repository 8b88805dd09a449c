import { createRng, hash32, type Sequences, shuffle } from '@perennial/core'
import type { PreparedBatch } from '../engine/engine.ts'
import { drawNegatives, type NegativePool } from './negatives.ts'
import type { FitConfig } from './options.ts'

/** What batches are made from. */
export interface TrainingData {
  readonly sequences: Sequences
  readonly trainEnds: Int32Array
  readonly pool: NegativePool
}

/** Streams of random numbers, so that no two purposes share one. */
export const STREAM = { order: 11, negatives: 12, dropout: 13, shards: 14, window: 15 } as const

/** Returns the users with at least two training events, in the order of one epoch. */
export function epochOrder(
  sequences: Sequences,
  trainEnds: Int32Array,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): Int32Array {
  const users: number[] = []
  for (let u = 0; u < sequences.numUsers; u++) {
    if ((trainEnds[u] as number) - (sequences.offsets[u] as number) >= 2) users.push(u)
  }
  return shuffle(Int32Array.from(users), createRng(seed, STREAM.order, epoch))
}

/**
 * Returns the absolute position of the first event that a batch takes of a user: the newest `maxLength + 1` training
 * events, since every event but the first is the target of the one before.
 */
export function batchStart(
  userRow: number,
  {
    sequences,
    trainEnds,
    maxLength,
  }: {
    readonly sequences: Sequences
    readonly trainEnds: Int32Array
    readonly maxLength: number
  },
): number {
  return Math.max(
    sequences.offsets[userRow] as number,
    (trainEnds[userRow] as number) - maxLength - 1,
  )
}

/**
 * Returns the batch of the given users, each from {@link batchStart} to the end of the training part.
 *
 * @param step - Count of steps of the whole run; fixes negatives and dropout.
 */
export function prepareBatch(
  { sequences, trainEnds, pool }: TrainingData,
  users: Int32Array,
  { config, step }: { readonly config: FitConfig; readonly step: number },
): PreparedBatch {
  const { maxLength } = config.encoder
  const parts = Array.from(users, (u): TrainingSequence => {
    const start = batchStart(u, { sequences, trainEnds, maxLength })
    return {
      itemRows: sequences.itemRows.subarray(start, trainEnds[u]),
      timestampMs: sequences.timestampMs.subarray(start, trainEnds[u]),
    }
  })
  return packBatch(parts, pool, { config, step })
}

/** Events of one user that a batch takes, two or more, oldest first; views. */
export interface TrainingSequence {
  readonly itemRows: Int32Array
  readonly timestampMs: Float64Array
}

/** Returns the batch of the given sequences, each event but the first being the target of the one before. */
export function packBatch(
  sequences: readonly TrainingSequence[],
  pool: NegativePool,
  { config, step }: { readonly config: FitConfig; readonly step: number },
): PreparedBatch {
  const offsets = new Int32Array(sequences.length + 1)
  sequences.forEach(({ itemRows }, b) => {
    offsets[b + 1] = (offsets[b] as number) + itemRows.length - 1
  })
  const numTokens = offsets[sequences.length] as number
  const tokens = new Int32Array(numTokens)
  const targets = new Int32Array(numTokens)
  const eventSeconds = new Float64Array(numTokens)
  const askedSeconds = new Float64Array(numTokens)
  sequences.forEach(({ itemRows, timestampMs }, b) => {
    const first = offsets[b] as number
    const length = itemRows.length - 1
    tokens.set(itemRows.subarray(0, length), first)
    targets.set(itemRows.subarray(1), first)
    for (let t = 0; t < length; t++) {
      eventSeconds[first + t] = toSeconds(timestampMs[t] as number)
      askedSeconds[first + t] = toSeconds(timestampMs[t + 1] as number)
    }
  })
  const negatives =
    config.loss === 'softmax'
      ? null
      : drawNegatives(pool, {
          config,
          targets,
          numSequences: sequences.length,
          stream: [STREAM.negatives, step],
        })
  const itemRows =
    negatives === null
      ? Int32Array.from({ length: pool.numItems }, (_, i) => i + 1)
      : distinctRows([tokens, targets, negatives.items])
  const toPosition = positionsOf(itemRows, pool.numItems)
  return {
    itemRows,
    batch: {
      offsets,
      tokens: tokens.map(toPosition),
      targets: targets.map(toPosition),
      eventSeconds,
      askedSeconds,
      negatives:
        negatives === null ? null : { ...negatives, items: negatives.items.map(toPosition) },
      dropoutSeed: hash32(config.seed, STREAM.dropout, step),
    },
  }
}

/** Returns whole seconds, as the exported network reads times. */
export function toSeconds(timestampMs: number): number {
  return Math.floor(timestampMs / 1000)
}

function distinctRows(parts: readonly Int32Array[]): Int32Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  // A bitmap over the catalogue would make the step as slow as the catalogue is large.
  const rows = new Int32Array(size)
  let end = 0
  for (const part of parts) {
    rows.set(part, end)
    end += part.length
  }
  rows.sort()
  let count = 0
  for (let i = 0; i < size; i++)
    if (i === 0 || rows[i] !== rows[i - 1]) rows[count++] = rows[i] as number
  return rows.slice(0, count)
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
