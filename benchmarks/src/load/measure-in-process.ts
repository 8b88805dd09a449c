import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openLmdbHistoryStore, Recommender } from '@perennial/serve'
import type { MeasureLoadOptions } from './measure-http.ts'
import { copyStore, historyFolder, type ServingData } from './prepare-serving-data.ts'
import { type PhaseTimes, runPhases } from './run-phases.ts'
import { toEvent } from './send-over-http.ts'

/** Load on a recommender in this process. */
export interface InProcessLoad {
  /** Time of `Recommender.load`, the process being there. */
  readonly loadMs: number
  readonly index: Recommender['index']
  readonly phases: PhaseTimes
  /** Time on any core in the measured phase, load generator included. */
  readonly cpuSeconds: number
}

/** Loads the recommender into this process and puts the load on it by direct calls. */
export async function measureInProcess(
  data: ServingData,
  { settings, cacheFolder, signal, onStage }: MeasureLoadOptions,
): Promise<InProcessLoad> {
  const { k, explain } = settings
  const folder = await mkdtemp(join(cacheFolder, 'in-process-'))
  try {
    onStage?.('Loading the recommender')
    const storeFolder = await copyStore(data, folder)
    const store = await openLmdbHistoryStore({ folder: historyFolder(storeFolder) })
    try {
      const startMs = performance.now()
      const recommender = await Recommender.load(data.artifactFolder, { store, signal })
      const loadMs = performance.now() - startMs
      try {
        let before = process.cpuUsage()
        const phases = await runPhases(
          (request) =>
            request.kind === 'read'
              ? recommender.recommend({ userId: request.userId, k, explain })
              : recommender.recordEvents([toEvent(request)]),
          {
            settings,
            ...data,
            signal,
            onPhase: (phase) => {
              onStage?.(`Load in process: ${phase}`)
              before = process.cpuUsage()
            },
          },
        )
        const { user, system } = process.cpuUsage(before)
        return { loadMs, index: recommender.index, phases, cpuSeconds: (user + system) / 1e6 }
      } finally {
        await recommender.close()
      }
    } finally {
      await store.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
