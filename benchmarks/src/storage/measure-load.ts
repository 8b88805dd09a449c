import { Recommender } from '@perennial/serve'
import { runAlone } from './run-alone.ts'

/** How long a process takes to answer from an artifact. */
export interface LoadTime {
  /** Time of `Recommender.load`, the code being there. */
  readonly loadMs: number
  /** From the start of the process. */
  readonly readyMs: number
  readonly residentBytes: number
  readonly indexKind: string
}

const NUM_LOADS = 3

/** Loads an artifact once, with the index that suits it, in this process. */
export async function measureLoad(artifactFolder: string): Promise<LoadTime> {
  const startMs = performance.now()
  const recommender = await Recommender.load(artifactFolder)
  const readyMs = performance.now()
  try {
    return {
      loadMs: readyMs - startMs,
      readyMs,
      residentBytes: process.memoryUsage.rss(),
      indexKind: recommender.index.kind,
    }
  } finally {
    await recommender.close()
  }
}

/** Returns the median of three fresh processes by the time until they were ready. */
export async function measureLoadAlone(
  artifactFolder: string,
  signal?: AbortSignal,
): Promise<LoadTime> {
  const loads: LoadTime[] = []
  for (let i = 0; i < NUM_LOADS; i++) {
    loads.push(
      await runAlone<LoadTime>(new URL('./load-process.js', import.meta.url), {
        args: [artifactFolder],
        signal,
      }),
    )
  }
  loads.sort((a, b) => a.readyMs - b.readyMs)
  return loads[Math.floor(NUM_LOADS / 2)] as LoadTime
}
