import { openDataset, RecommenderError } from '@perennial/core'
import {
  checkTrainingMemory,
  estimateTrainingMemory,
  type MemoryEstimate,
} from './estimate-memory.ts'
import { createPoolOfCounts } from './negatives.ts'
import { createFitConfig, type FitOptions } from './options.ts'
import { type FitResult, type FitRuntime, runTraining } from './run-training.ts'
import { scanShards } from './shards/scan-shards.ts'
import { createShardSource, WINDOW_EVENTS } from './shards/shard-source.ts'
import type { ShardSplit } from './shards/shard-split.ts'
import { createValidationSample } from './shards/validation-sample.ts'

/** Options of {@link fitFromShards}. */
export interface ShardFitOptions extends FitOptions {
  readonly split: ShardSplit
  /** Names of the event types to keep. @defaultValue all */
  readonly eventTypes?: readonly string[] | undefined
  /** Events within which users are shuffled; 24 bytes of memory each. @defaultValue 4,194,304 */
  readonly windowEvents?: number | undefined
  readonly runtime: ShardFitRuntime
}

/** What such a run needs beside its options. */
export interface ShardFitRuntime extends FitRuntime {
  /** Called with the memory that the run is expected to take, before the first event is read. */
  readonly onEstimate?: ((estimate: MemoryEstimate) => void) | undefined
  /** Called while the events are read for the first time, before training. */
  readonly onScan?: ((progress: { numDone: number; numBatches: number }) => void) | undefined
}

/** Users that validation asks, where the caller does not say. */
export const VALIDATION_USERS: number = 2000

/**
 * Trains as `fit` does, on a data set folder whose events stay on disk: memory grows with items and, by a few bytes,
 * with users, not with events. A first pass counts; then each epoch reads the record batches in an order by the seed.
 *
 * Validation asks `validationUsers` users (2,000 unless you say), drawn by the seed, whose histories are in memory.
 *
 * @param path - Folder with `events.arrow` and `items.arrow`.
 * @throws {@link RecommenderError} as `fit` and `openDataset` do; `INVALID_EVENTS` if the events are not sorted.
 */
export async function fitFromShards(
  path: string,
  { split, eventTypes, windowEvents = WINDOW_EVENTS, runtime, ...rest }: ShardFitOptions,
): Promise<FitResult> {
  const { catalog, events } = await openDataset(path)
  try {
    const { numItems } = catalog
    const { validationUsers: size = VALIDATION_USERS } = rest
    const config = createFitConfig({ ...rest, validationUsers: size }, numItems)
    if (config.popularityPrior > 0) {
      throw new RecommenderError(
        'INVALID_OPTION',
        `Expected \`popularityPrior\` to be 0 for events that stay on disk, got \`${config.popularityPrior}\`. Use \`fit\`.`,
      )
    }
    const estimate = estimateTrainingMemory(config, {
      numItems,
      numUsers: events.numUsers,
      windowEvents,
      numCases: size,
    })
    checkTrainingMemory(estimate)
    runtime.onEstimate?.(estimate)
    const keepType = chooseTypes(events.eventTypeNames, eventTypes)
    const sample = createValidationSample(split, { size, seed: config.seed })
    const { shards, counts, fingerprint } = await scanShards(events, {
      ...{ split, numItems, config, keepType, sample },
      signal: runtime.signal,
      onProgress: runtime.onScan,
    })
    const pool = createPoolOfCounts(counts, config)
    return await runTraining(
      {
        config,
        numItems,
        source: createShardSource(events, { shards, pool, split, keepType, config, windowEvents }),
        fingerprint: `${fingerprint}-${windowEvents}`,
        priorLogits: null,
        validation: sample.finish(catalog),
      },
      runtime,
    )
  } finally {
    await events.close()
  }
}

function chooseTypes(
  names: readonly string[],
  wanted: readonly string[] | undefined,
): readonly boolean[] | undefined {
  for (const name of wanted ?? []) {
    if (names.includes(name)) continue
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`eventTypes\` to name types of this data (${names.join(', ')}), got '${name}'.`,
    )
  }
  return wanted === undefined ? undefined : names.map((name) => wanted.includes(name))
}
