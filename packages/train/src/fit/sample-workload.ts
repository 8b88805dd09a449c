import type { Workload } from '../engine/create-engine.ts'
import type { PreparedBatch } from '../engine/engine.ts'
import { createModelState } from './model-state.ts'
import type { FitConfig } from './options.ts'
import type { TrainingSource } from './training-source.ts'

const NUM_BATCHES = 4

/**
 * Returns the first batches of a run, for engines to be timed on.
 *
 * Their items are numbered anew, so that the table they come with holds no more than these.
 */
export async function sampleWorkload(source: TrainingSource, config: FitConfig): Promise<Workload> {
  const batches: PreparedBatch[] = []
  for await (const { itemRows, batch } of source.batches({ epoch: 0, stepInEpoch: 0, step: 0 })) {
    batches.push({ itemRows: itemRows.map((_, i) => i + 1), batch })
    if (batches.length === NUM_BATCHES) break
  }
  const numItems = Math.max(1, ...batches.map(({ itemRows }) => itemRows.length))
  return { createState: () => createModelState(config, numItems), batches }
}
