import { createRng, type EventBatches, RecommenderError, shuffle } from '@perennial/core'
import type { TrainingSequence } from '../asked-sequence.ts'
import type { NegativePool } from '../negatives.ts'
import type { FitConfig } from '../options.ts'
import { packBatch, STREAM } from '../training-batches.ts'
import { trainingStart } from '../training-range.ts'
import type { TrainingSource } from '../training-source.ts'
import type { Shard } from './scan-shards.ts'
import { type ShardSplit, trainLengthOf } from './shard-split.ts'
import { cutRuns, runOf, type UserRuns } from './user-runs.ts'

/** Events within which users are shuffled, unless one record batch alone has more. */
export const WINDOW_EVENTS: number = 1 << 22

/** What reading a record batch of 262,144 events takes beside the window, until the garbage of the last is collected. */
export const READING_BYTES: number = 128 << 20

/** Options of {@link createShardSource}. */
export interface ShardSourceOptions {
  readonly shards: readonly Shard[]
  readonly pool: NegativePool
  readonly split: ShardSplit
  /** By event type: whether its events are kept. */
  readonly keepType: readonly boolean[] | undefined
  readonly config: FitConfig
  readonly windowEvents: number
}

/**
 * Returns a source that reads its events from disk: record batches in an order by seed and epoch, and within a window
 * of them users in an order by seed, epoch and window. Two windows are in memory at a time, of 12 bytes an event; the
 * second is read while the first is trained on. A run that goes on skips whole windows without reading them.
 */
export function createShardSource(
  events: EventBatches,
  { shards, pool, split, keepType, config, windowEvents }: ShardSourceOptions,
): TrainingSource {
  const { seed, batchSize } = config
  const numSequences = shards.reduce((sum, shard) => sum + shard.numSequences, 0)

  const load = async (place: Window, epoch: number): Promise<Loaded> => {
    const parts: UserRuns[] = []
    const members: number[] = []
    for (const s of place.shards) {
      const { before, goesOn, numSequences: expected } = shards[s] as Shard
      const runs = cutRuns(await events.read(s), { keepType, before })
      const numRuns = runs.userRows.length - (goesOn ? 1 : 0)
      const numBefore = members.length
      for (let r = 0; r < numRuns; r++) {
        const { timestampMs } = runOf(runs, r)
        const trained = timestampMs.subarray(0, trainLengthOf(split, timestampMs))
        if (trainingStart(trained, config) === undefined) continue
        members.push(parts.length, r)
      }
      if (members.length - numBefore !== 2 * expected) {
        throw new RecommenderError(
          'INVALID_EVENTS',
          `Expected ${expected} users in record batch ${s} of ${events.path}, got ${(members.length - numBefore) / 2}. The file has changed since training began.`,
        )
      }
      parts.push(runs)
    }
    const order = Int32Array.from({ length: members.length / 2 }, (_, i) => i)
    shuffle(order, createRng(seed, STREAM.window, epoch, place.index))
    return {
      length: order.length,
      at: (i) => {
        const member = 2 * (order[i] as number)
        const { itemRows, timestampMs } = runOf(
          parts[members[member] as number] as UserRuns,
          members[member + 1] as number,
        )
        const end = trainLengthOf(split, timestampMs)
        const start = trainingStart(timestampMs.subarray(0, end), config)
        return {
          itemRows: itemRows.subarray(start, end),
          timestampMs: timestampMs.subarray(start, end),
        }
      },
    }
  }

  return {
    numSequences,
    stepsPerEpoch: Math.ceil(numSequences / batchSize),
    batches: async function* ({ epoch, stepInEpoch, step }) {
      const windows = cutWindows(shards, { seed, epoch, windowEvents })
      let skip = stepInEpoch * batchSize
      let w = 0
      while (w < windows.length && skip >= (windows[w] as Window).numSequences) {
        skip -= (windows[w++] as Window).numSequences
      }
      const ahead = (index: number): Promise<Loaded> | undefined => {
        const place = windows[index]
        const loading = place === undefined ? undefined : load(place, epoch)
        // A run that stops meanwhile asks no more; one that goes on gets the error where it awaits the window.
        loading?.catch(() => undefined)
        return loading
      }
      let next = ahead(w)
      let taken: TrainingSequence[] = []
      while (next !== undefined) {
        const window = await next
        next = ahead(++w)
        for (let i = skip; i < window.length; i++) {
          taken.push(window.at(i))
          if (taken.length < batchSize) continue
          yield packBatch(taken, { pool, prior: null }, { config, step: step++ })
          taken = []
        }
        skip = 0
      }
      if (taken.length > 0) yield packBatch(taken, { pool, prior: null }, { config, step })
    },
  }
}

/** Shards whose users are shuffled among each other. */
interface Window {
  readonly index: number
  readonly shards: readonly number[]
  readonly numSequences: number
}

/** A window in memory, its users in the order of training. */
interface Loaded {
  readonly length: number
  at(i: number): TrainingSequence
}

function cutWindows(
  shards: readonly Shard[],
  { seed, epoch, windowEvents }: { seed: number; epoch: number; windowEvents: number },
): Window[] {
  const order = shuffle(
    Int32Array.from(shards, (_, s) => s),
    createRng(seed, STREAM.shards, epoch),
  )
  const windows: Window[] = []
  let inside: number[] = []
  let numEvents = 0
  const finish = (): void => {
    const numSequences = inside.reduce((sum, s) => sum + (shards[s] as Shard).numSequences, 0)
    if (numSequences > 0) windows.push({ index: windows.length, shards: inside, numSequences })
    inside = []
    numEvents = 0
  }
  for (const s of order) {
    const { numEvents: more } = shards[s] as Shard
    if (inside.length > 0 && numEvents + more > windowEvents) finish()
    inside.push(s)
    numEvents += more
  }
  finish()
  return windows
}
