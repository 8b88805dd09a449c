import type { Dataset } from '@perennial/core'
import type { PreparedBatch } from '../engine/engine.ts'
import { createNegativePool } from './negatives.ts'
import type { FitConfig } from './options.ts'
import { epochOrder, prepareBatch } from './training-batches.ts'

/** A place in a run. */
export interface TrainingPlace {
  /** 0-based. */
  readonly epoch: number
  /** Steps of the epoch that are done. */
  readonly stepInEpoch: number
  /** Steps of the run that are done; fixes negatives and dropout. */
  readonly step: number
}

/** What training takes its batches from. */
export interface TrainingSource {
  /** Users with two or more training events: each is in one batch an epoch. */
  readonly numSequences: number
  readonly stepsPerEpoch: number
  /**
   * Yields the batches of an epoch from a place to its end. They are a function of seed and place alone, so a run that
   * goes on gets those that an unbroken one would have got.
   */
  batches(place: TrainingPlace): AsyncGenerator<PreparedBatch, void, undefined>
}

/** Returns a source of the training events of a data set in memory. */
export function createMemorySource(
  dataset: Pick<Dataset, 'sequences' | 'catalog'>,
  trainEnds: Int32Array,
  config: FitConfig,
): TrainingSource {
  const { sequences } = dataset
  const { seed, batchSize } = config
  const pool = createNegativePool(dataset, trainEnds, config)
  const numSequences = sequences.offsets
    .subarray(0, sequences.numUsers)
    .reduce((sum, start, u) => sum + ((trainEnds[u] as number) - start >= 2 ? 1 : 0), 0)
  return {
    numSequences,
    stepsPerEpoch: Math.ceil(numSequences / batchSize),
    batches: async function* ({ epoch, stepInEpoch, step }) {
      const order = epochOrder(sequences, trainEnds, { seed, epoch })
      for (let start = stepInEpoch * batchSize; start < order.length; start += batchSize) {
        const users = order.subarray(start, start + batchSize)
        yield prepareBatch({ sequences, trainEnds, pool }, users, { config, step: step++ })
      }
    },
  }
}
