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
const STREAM = { order: 11, negatives: 12, dropout: 13 } as const

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
  const starts = Array.from(users, (u) => batchStart(u, { sequences, trainEnds, maxLength }))
  const offsets = new Int32Array(users.length + 1)
  users.forEach((u, b) => {
    offsets[b + 1] = (offsets[b] as number) + (trainEnds[u] as number) - (starts[b] as number) - 1
  })
  const numTokens = offsets[users.length] as number
  const tokens = new Int32Array(numTokens)
  const targets = new Int32Array(numTokens)
  const eventSeconds = new Float64Array(numTokens)
  const askedSeconds = new Float64Array(numTokens)
  users.forEach((_, b) => {
    const start = starts[b] as number
    const first = offsets[b] as number
    const length = (offsets[b + 1] as number) - first
    tokens.set(sequences.itemRows.subarray(start, start + length), first)
    targets.set(sequences.itemRows.subarray(start + 1, start + 1 + length), first)
    for (let t = 0; t < length; t++) {
      eventSeconds[first + t] = toSeconds(sequences.timestampMs[start + t] as number)
      askedSeconds[first + t] = toSeconds(sequences.timestampMs[start + t + 1] as number)
    }
  })
  const negatives =
    config.loss === 'softmax'
      ? null
      : drawNegatives(pool, {
          config,
          targets,
          numSequences: users.length,
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
