import type { Dataset, Split } from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import { fit } from '../fit/fit.ts'
import type { EpochRecord } from '../fit/progress.ts'
import type { FitRuntime } from '../fit/run-training.ts'
import type { Trial, TrialRung } from './trial.ts'

/**
 * Brings a trial to a number of epochs.
 *
 * @returns What it came to then. Rejects with `TRAINING_DIVERGED` if its loss is not finite, which ends the trial but
 * not the search, and with the signal's reason when aborted.
 */
export type RunTrial = (
  trial: Trial,
  options: {
    /** In all, those of the rungs before included. */
    readonly epochs: number
    /** The trial's own; holds what the rung before left, or what an aborted call did. */
    readonly checkpointPath: string
    readonly signal: AbortSignal | undefined
    readonly onEpoch: (record: Pick<EpochRecord, 'epoch' | 'seconds'>) => void
  },
) => Promise<TrialRung>

/** Returns how `tune` runs trials: `fit` on the split, from the trial's checkpoint on, by NDCG@10 on its validation. */
export function createTrialRunner(
  dataset: Dataset,
  split: Pick<Split, 'trainEnds' | 'validation'>,
  {
    createEngine,
    excludeSeen,
  }: { readonly createEngine: FitRuntime['createEngine']; readonly excludeSeen: boolean },
): RunTrial {
  return async ({ options, seed }, { epochs, checkpointPath, signal, onEpoch }) => {
    const engines: Engine[] = []
    try {
      const { curve, seconds } = await fit(dataset, split, {
        ...options,
        excludeSeen,
        seed,
        maxEpochs: epochs,
        // A rung's trials are compared at the same budget.
        patience: epochs,
        runtime: {
          createEngine: async (config, workload) => {
            const engine = await createEngine(config, workload)
            engines.push(engine)
            return engine
          },
          checkpointPath,
          signal,
          onEpoch,
        },
      })
      const scores = curve.map(({ validationNdcg }) => validationNdcg ?? -1)
      return { epochs, ndcg: Math.max(...scores), seconds }
    } finally {
      for (const engine of engines) await engine.close()
    }
  }
}
