import type { Dataset } from '@perennial/core'
import type { Workload } from '../engine/create-engine.ts'
import { createModelState } from './model-state.ts'
import { createNegativePool } from './negatives.ts'
import { createFitConfig, type FitOptions } from './options.ts'
import { epochOrder, prepareBatch } from './training-batches.ts'

const NUM_BATCHES = 4

/** Returns the first batches of a run, for engines to be timed on. Nobody with two training events: no batches. */
export function sampleWorkload(
  dataset: Dataset,
  trainEnds: Int32Array,
  options: FitOptions,
): Workload {
  const { sequences, catalog } = dataset
  const config = createFitConfig(options, catalog.numItems)
  const { seed, batchSize } = config
  const order = epochOrder(sequences, trainEnds, { seed, epoch: 0 })
  const data = { sequences, trainEnds, pool: createNegativePool(dataset, trainEnds, config) }
  const numBatches = Math.min(NUM_BATCHES, Math.ceil(order.length / batchSize))
  return {
    createState: () => createModelState(config, catalog.numItems),
    batches: Array.from({ length: numBatches }, (_, step) =>
      prepareBatch(data, order.subarray(step * batchSize, (step + 1) * batchSize), {
        config,
        step,
      }),
    ),
  }
}
