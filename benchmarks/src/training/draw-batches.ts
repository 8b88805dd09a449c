import { createRng, type Rng } from '@perennial/core'
import type { TrainingLoss } from './settings.ts'

/** A batch as every engine gets it: sequence `b` is `offsets[b] .. offsets[b + 1] - 1` of `tokens`. */
export interface PackedBatch {
  /** Shape `[B + 1]`. */
  readonly offsets: Int32Array
  /** Item rows, oldest first: shape `[T]`. */
  readonly tokens: Int32Array
  /** Item row of the event after each token: shape `[T]`. */
  readonly targets: Int32Array
  /** Item rows: shape `[T]` with `bce`, `[K]` with `sampled-softmax`, `[0]` with `softmax`. */
  readonly negatives: Int32Array
}

/** The events that training may see: those of user `u` are `offsets[u] .. ends[u] - 1`. */
export interface TrainingEvents {
  readonly offsets: Int32Array
  readonly ends: Int32Array
  readonly itemRows: Int32Array
  readonly numItems: number
}

/** Options of {@link drawBatches}. */
export interface DrawBatchesOptions {
  readonly numBatches: number
  readonly batchSize: number
  readonly maxLength: number
  readonly loss: TrainingLoss
  readonly numShared: number
  readonly seed: number
}

/**
 * Returns batches of uniform random users with two events or more, each with the newest `maxLength + 1` of them.
 *
 * A negative of `bce` is never its token's target; the shared ones of `sampled-softmax` are distinct.
 */
export function drawBatches(events: TrainingEvents, options: DrawBatchesOptions): PackedBatch[] {
  const { offsets, ends, itemRows } = events
  const { numBatches, batchSize, maxLength, seed } = options
  const users = Array.from(ends.keys()).filter(
    (u) => (ends[u] as number) - (offsets[u] as number) >= 2,
  )
  const rng = createRng(seed)
  return Array.from({ length: numBatches }, () => {
    const ranges = Array.from({ length: batchSize }, () => {
      const user = users[rng.nextInt(users.length)] as number
      const end = ends[user] as number
      return { start: Math.max(offsets[user] as number, end - maxLength - 1), end }
    })
    const batchOffsets = new Int32Array(batchSize + 1)
    ranges.forEach(({ start, end }, b) => {
      batchOffsets[b + 1] = (batchOffsets[b] as number) + end - start - 1
    })
    const tokens = new Int32Array(batchOffsets[batchSize] as number)
    const targets = new Int32Array(tokens.length)
    ranges.forEach(({ start, end }, b) => {
      tokens.set(itemRows.subarray(start, end - 1), batchOffsets[b])
      targets.set(itemRows.subarray(start + 1, end), batchOffsets[b])
    })
    const negatives = drawNegatives(targets, { ...options, numItems: events.numItems, rng })
    return { offsets: batchOffsets, tokens, targets, negatives }
  })
}

function drawNegatives(
  targets: Int32Array,
  { loss, numShared, numItems, rng }: DrawBatchesOptions & { numItems: number; rng: Rng },
): Int32Array {
  if (loss === 'softmax') return new Int32Array(0)
  // One of the other rows: those from the target on move up by one.
  const drawOther = (target: number): number => {
    const row = 1 + rng.nextInt(numItems - 1)
    return row < target ? row : row + 1
  }
  if (loss === 'bce') return targets.map(drawOther)
  const distinct = new Set<number>()
  while (distinct.size < numShared) distinct.add(1 + rng.nextInt(numItems))
  return Int32Array.from(distinct)
}
