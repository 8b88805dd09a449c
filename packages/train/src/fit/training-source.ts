import type { Dataset } from '@perennial/core'
import type { PreparedBatch } from '../engine/engine.ts'
import { createNegativePool } from './negatives.ts'
import type { FitConfig } from './options.ts'
import type { PopularityPrior } from './popularity-prior.ts'
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
  /** Users who can be learnt from: each is in one batch an epoch. */
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
  prior: PopularityPrior | null = null,
): TrainingSource {
  const { sequences } = dataset
  const { batchSize } = config
  const pool = createNegativePool(dataset, trainEnds, config)
  const data = { sequences, trainEnds, pool, prior }
  const numSequences = epochOrder(data, { config, epoch: 0 }).length
  return {
    numSequences,
    stepsPerEpoch: Math.ceil(numSequences / batchSize),
    batches: async function* ({ epoch, stepInEpoch, step }) {
      const order = epochOrder(data, { config, epoch })
      for (let start = stepInEpoch * batchSize; start < order.length; start += batchSize) {
        const users = order.subarray(start, start + batchSize)
        yield prepareBatch(data, users, { config, step: step++ })
      }
    },
  }
}
