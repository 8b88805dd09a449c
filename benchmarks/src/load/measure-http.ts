import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openHttpPool } from './open-http-pool.ts'
import { copyStore, type ServingData } from './prepare-serving-data.ts'
import { readProcessUsage } from './read-process-usage.ts'
import { readGauge, readStages, type StageTimes } from './read-stages.ts'
import { createSwappedArtifact, type ReloadCounts, reloadInTurn } from './reload-in-turn.ts'
import { type LoadSettings, type PhaseTimes, runPhases } from './run-phases.ts'
import { createHttpSender } from './send-over-http.ts'
import { startServerProcess } from './start-server-process.ts'
import { type MemoryCourse, type MemoryWatch, watchMemory } from './watch-memory.ts'

/** Load over HTTP on a server in a process of its own. Figures of processes are of the measured phase. */
export interface HttpLoad {
  /** From the start of the process until it was ready. */
  readonly startMs: number
  readonly phases: PhaseTimes
  readonly server: {
    /** `null` where the process cannot be read. */
    readonly cpuSeconds: number | null
    readonly memory: MemoryCourse | null
    /** How late timers of the server were, 99th percentile; `null` if the server does not say. */
    readonly eventLoopLagP99Ms: number | null
    /** Time of each step of an answer, as the server counts it. */
    readonly stages: readonly StageTimes[]
  }
  readonly generator: { readonly cpuSeconds: number }
  /** Absent when nothing was reloaded. */
  readonly reloads?: ReloadCounts
}

/** Settings of requests, beside those of the load. */
export interface RequestSettings extends LoadSettings {
  /** Items a list. */
  readonly k: number
  /** Whether each item says why it is there. */
  readonly explain: boolean
  /** Most connections to the server. */
  readonly maxConnections: number
  /** Reloads the artifact every so often while measuring; 0 never does. */
  readonly reloadEverySeconds: number
}

/** Options of {@link measureHttp}. */
export interface MeasureLoadOptions {
  readonly settings: RequestSettings
  /** Folder on the disk that the store is to be measured on. */
  readonly cacheFolder: string
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((text: string) => void) | undefined
}

/** Starts the server, puts the load on it from this process, and stops it. */
export async function measureHttp(
  data: ServingData,
  { settings, cacheFolder, signal, onStage }: MeasureLoadOptions,
): Promise<HttpLoad> {
  const folder = await mkdtemp(join(cacheFolder, 'http-'))
  try {
    const withReloads = settings.reloadEverySeconds > 0
    const swapped = withReloads
      ? await createSwappedArtifact(data.artifactFolder, folder)
      : undefined
    const storeFolder = await copyStore(data, folder)
    onStage?.('Starting the server')
    const artifactFolder = swapped?.folder ?? data.artifactFolder
    const server = await startServerProcess({ artifactFolder, storeFolder, folder, signal })
    const pool = openHttpPool({ url: server.url, maxConnections: settings.maxConnections })
    const reloadEnd = new AbortController()
    let reloading: Promise<ReloadCounts> | undefined
    let watch: MemoryWatch | undefined
    const readMetrics = async (): Promise<string> => (await pool.request('GET', '/metrics')).body
    try {
      let before: Awaited<ReturnType<typeof readServer>> | undefined
      const readServer = async () => ({
        page: await readMetrics(),
        cpuSeconds: (await readProcessUsage(server.pid))?.cpuSeconds,
        generatorCpu: process.cpuUsage(),
      })
      const phases = await runPhases(createHttpSender(pool, settings), {
        settings,
        ...data,
        signal,
        onPhase: async (phase) => {
          onStage?.(`Load over HTTP: ${phase}`)
          if (phase !== 'measured') return
          before = await readServer()
          watch = watchMemory(server.pid)
          if (swapped === undefined) return
          reloading = reloadInTurn({
            everyMs: 1000 * settings.reloadEverySeconds,
            artifact: swapped,
            reload: () => pool.request('POST', '/v1/model/reload'),
            signal: reloadEnd.signal,
          })
        },
      })
      reloadEnd.abort()
      const reloads = await reloading
      const after = await readServer()
      const memory = (await watch?.stop()) ?? null
      const { user, system } = process.cpuUsage(before?.generatorCpu)
      const lagSeconds = readGauge(after.page, 'nodejs_eventloop_lag_p99_seconds')
      return {
        startMs: server.startMs,
        phases,
        server: {
          cpuSeconds: difference(after.cpuSeconds, before?.cpuSeconds),
          memory,
          eventLoopLagP99Ms: lagSeconds === undefined ? null : 1000 * lagSeconds,
          stages: readStages(before?.page ?? '', after.page),
        },
        generator: { cpuSeconds: (user + system) / 1e6 },
        ...(reloads === undefined ? {} : { reloads }),
      }
    } finally {
      reloadEnd.abort()
      pool.close()
      await Promise.allSettled([reloading, watch?.stop()])
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function difference(after: number | undefined, before: number | undefined): number | null {
  return after === undefined || before === undefined ? null : after - before
}
