import { createHash } from 'node:crypto'
import { type EventBatches, RecommenderError } from '@perennial/core'
import { type TrainingRangeConfig, trainingStart } from '../training-range.ts'
import { type ShardSplit, tailStart, trainLengthOf } from './shard-split.ts'
import { cutRuns, outOfOrder, runOf, type UserEvents } from './user-runs.ts'
import type { ValidationSample } from './validation-sample.ts'

/** One record batch as a unit of training: the users whose last event is in it. */
export interface Shard {
  readonly numEvents: number
  /** Users who can be learnt from. */
  readonly numSequences: number
  /** Newest events, as far as training needs them, of the user who may go on from the batch before. */
  readonly before: UserEvents | null
  /** Whether the last user of the batch has events in a later one, and so belongs to that. */
  readonly goesOn: boolean
}

/** What one pass over the events found; some bytes an item and a record batch, nothing an event or a user. */
export interface ShardScan {
  readonly shards: readonly Shard[]
  /** Training events of each item row: shape `[numItems + 1]`. */
  readonly counts: Float64Array
  /** Short hash of what is trained on and how it is split. */
  readonly fingerprint: string
}

/** Options of {@link scanShards}. */
export interface ScanOptions {
  readonly split: ShardSplit
  readonly numItems: number
  readonly config: TrainingRangeConfig
  /** By event type: whether its events are kept. */
  readonly keepType: readonly boolean[] | undefined
  /** Is offered every user. */
  readonly sample?: ValidationSample | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: { numDone: number; numBatches: number }) => void) | undefined
}

/**
 * Reads all events once, a record batch at a time, and returns what training must know before its first step.
 *
 * @throws {@link RecommenderError} `INVALID_EVENTS` if the events are not sorted by user and time, or name an item
 * that there is not. Rejects with the reason of `signal` when that is aborted.
 */
export async function scanShards(events: EventBatches, options: ScanOptions): Promise<ShardScan> {
  const { split, numItems, config, keepType, sample, signal, onProgress } = options
  const counts = new Float64Array(numItems + 1)
  const shards: { -readonly [key in keyof Shard]: Shard[key] }[] = []
  const hash = createHash('sha256').update(JSON.stringify({ numItems, split, keepType }))
  // The user who may go on in the next batch, whole, and the shard that their newest event is in.
  let open: { readonly user: UserEvents; readonly shard: number } | null = null
  const close = (user: UserEvents, shard: number): void => {
    const length = trainLengthOf(split, user.timestampMs)
    for (let i = 0; i < length; i++) {
      const row = user.itemRows[i] as number
      counts[row] = (counts[row] as number) + 1
    }
    if (trainingStart(user.timestampMs.subarray(0, length), config) !== undefined)
      (shards[shard] as { numSequences: number }).numSequences++
    sample?.offer(user)
  }
  for (let s = 0; s < events.numBatches; s++) {
    signal?.throwIfAborted()
    const batch = await events.read(s)
    for (const column of [batch.userRows, batch.itemRows, batch.timestampMs]) {
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
    }
    checkItems(batch.itemRows, numItems)
    const carried: UserEvents | null = open?.user ?? null
    const runs = cutRuns(batch, { keepType, before: carried })
    const numRuns = runs.userRows.length
    shards.push({
      numEvents: runs.itemRows.length,
      numSequences: 0,
      before: carried === null ? null : tailOf(carried, { split, config }),
      goesOn: false,
    })
    if (numRuns > 0) {
      const first = runs.userRows[0] as number
      if (open !== null && carried !== null) {
        if (first < carried.userRow) throw outOfOrder(first)
        if (first === carried.userRow) {
          const joint = carried.timestampMs.length
          if ((runs.timestampMs[joint] as number) < (runs.timestampMs[joint - 1] as number))
            throw outOfOrder(first)
          ;(shards[open.shard] as { goesOn: boolean }).goesOn = true
        } else close(carried, open.shard)
      }
      for (let r = 0; r < numRuns - 1; r++) close(runOf(runs, r), s)
      const last = runOf(runs, numRuns - 1)
      open = {
        shard: s,
        user: {
          userRow: last.userRow,
          itemRows: last.itemRows.slice(),
          timestampMs: last.timestampMs.slice(),
        },
      }
    }
    onProgress?.({ numDone: s + 1, numBatches: events.numBatches })
  }
  if (open !== null) close(open.user, open.shard)
  return { shards, counts, fingerprint: hash.digest('hex').slice(0, 16) }
}

function tailOf(
  user: UserEvents,
  { split, config }: { readonly split: ShardSplit; readonly config: TrainingRangeConfig },
): UserEvents {
  const { start, end } = tailStart(split, user.timestampMs, config)
  return {
    userRow: user.userRow,
    itemRows: user.itemRows.slice(start, end),
    timestampMs: user.timestampMs.slice(start, end),
  }
}

function checkItems(itemRows: Int32Array, numItems: number): void {
  for (const row of itemRows) {
    if (row >= 1 && row <= numItems) continue
    throw new RecommenderError(
      'INVALID_EVENTS',
      `Expected item rows within 1..${numItems}, got ${row}.`,
    )
  }
}
