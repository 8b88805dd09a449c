import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecommenderError } from '@perennial/core'
import type { KernelSpeed } from '@perennial/train'
import { countFlops } from './count-flops.ts'
import { type DrawBatchesOptions, drawBatches, type TrainingEvents } from './draw-batches.ts'
import { type EngineTask, writeTask } from './engine-task.ts'
import { countSteps, type Interleaved, interleave, measuredSteps, medianOf } from './interleave.ts'
import type { EngineTimes, Schedule, SettingResult, SkippedEngine } from './result.ts'
import { COMMON, type ComparedEngine, type TrainingSetting } from './settings.ts'
import { type RunningEngine, startEngine } from './start-engine.ts'
import { createTaskEncoder } from './task-encoder.ts'

/** Options of {@link measureSetting}. */
export interface MeasureOptions {
  readonly engines: readonly ComparedEngine[]
  readonly schedule: Schedule
  readonly numThreads: number
  readonly seed: number
  /** Python with PyTorch, or why there is none. */
  readonly torch: { readonly python: string } | SkippedEngine
  readonly peak: KernelSpeed
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((text: string) => void) | undefined
}

/** Times all engines in one setting, interleaved, each in its own process. */
export async function measureSetting(
  setting: TrainingSetting,
  events: TrainingEvents,
  options: MeasureOptions,
): Promise<SettingResult> {
  const { schedule, numThreads, seed, torch, signal, onStage } = options
  const { loss, maxLength } = setting
  const { numItems } = events
  const encoder = createTaskEncoder(setting)
  const task = { encoder, numItems, loss, learningRate: COMMON.learningRate, seed, numThreads }
  const batches = drawTaskBatches(events, { loss, maxLength, seed, schedule })
  const measured = measuredSteps(schedule).map((step) => batches[step] as (typeof batches)[number])
  const perStep = (sum: number): number => sum / measured.length
  const gflopPerStep = perStep(
    measured.reduce((sum, batch) => sum + countFlops(batch, { encoder, numItems, loss }), 0) / 1e9,
  )
  const tokensPerStep = perStep(measured.reduce((sum, { tokens }) => sum + tokens.length, 0))
  return withTaskFolder({ task, batches }, async (taskFolder) => {
    const running = new Map<ComparedEngine, RunningEngine>()
    const skipped = new Map<ComparedEngine, SkippedEngine>()
    try {
      for (const name of options.engines) {
        const isPeer = name === 'plain' || name === 'tuned'
        if (isPeer && 'skipped' in torch) {
          skipped.set(name, torch)
          continue
        }
        onStage?.(`  starting ${name}`)
        const started = await startOrSkip(name, { ...options, taskFolder })
        if ('skipped' in started) skipped.set(name, started)
        else running.set(name, started)
      }
      const { times, othersBusyShare } = await interleave(running, {
        schedule,
        signal,
        onRound: (round) => onStage?.(`  round ${round + 1} of ${schedule.rounds}`),
      })
      const describe = describer({ running, times, gflopPerStep, tokensPerStep, ...options })
      const engines = Object.fromEntries(
        options.engines.map((name) => [name, skipped.get(name) ?? describe(name)]),
      )
      return { ...setting, numItems, tokensPerStep, gflopPerStep, othersBusyShare, engines }
    } finally {
      for (const engine of running.values()) await engine.close()
    }
  })
}

async function startOrSkip(
  name: ComparedEngine,
  {
    taskFolder,
    numThreads,
    torch,
    signal,
    onStage,
  }: MeasureOptions & { readonly taskFolder: string },
): Promise<RunningEngine | SkippedEngine> {
  const python = 'python' in torch ? torch.python : undefined
  try {
    return await startEngine(name, { taskFolder, numThreads, python, signal })
  } catch (error) {
    if (!(error instanceof RecommenderError) || error.code !== 'ENGINE_UNAVAILABLE') throw error
    onStage?.(`  left out: ${error.message}`)
    return { skipped: error.message }
  }
}

/** Returns batches for every step of a schedule. */
export function drawTaskBatches(
  events: TrainingEvents,
  {
    schedule,
    ...drawn
  }: Pick<DrawBatchesOptions, 'loss' | 'maxLength' | 'seed'> & { readonly schedule: Schedule },
): ReturnType<typeof drawBatches> {
  const { batchSize, numShared } = COMMON
  return drawBatches(events, { ...drawn, batchSize, numShared, numBatches: countSteps(schedule) })
}

/** Runs with a folder that holds the task, and removes it. */
export async function withTaskFolder<T>(
  content: { readonly task: EngineTask; readonly batches: ReturnType<typeof drawBatches> },
  run: (taskFolder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-training-'))
  try {
    await writeTask(folder, content)
    return await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function describer({
  running,
  times,
  gflopPerStep,
  tokensPerStep,
  numThreads,
  peak,
}: {
  readonly running: ReadonlyMap<string, RunningEngine>
  readonly times: ReadonlyMap<string, Interleaved>
  readonly gflopPerStep: number
  readonly tokensPerStep: number
  readonly numThreads: number
  readonly peak: KernelSpeed
}): (name: string) => EngineTimes {
  const medianMsOf = (name: string): number | undefined => {
    const steps = times.get(name)?.stepMs
    return steps === undefined ? undefined : medianOf(steps.flat())
  }
  const ratio = (peer: string, ms: number): number | null => {
    const peerMs = medianMsOf(peer)
    return peerMs === undefined ? null : peerMs / ms
  }
  return (name) => {
    const { stepMs, losses, prepareMs, peakBytes } = times.get(name) as Interleaved
    const medianMs = medianMsOf(name) as number
    const gflopsPerSecond = (gflopPerStep / medianMs) * 1000
    return {
      version: (running.get(name) as RunningEngine).version,
      medianMs,
      minMs: Math.min(...stepMs.flat()),
      maxMs: Math.max(...stepMs.flat()),
      ratioToPlain: ratio('plain', medianMs),
      ratioToTuned: ratio('tuned', medianMs),
      gflopsPerSecond,
      shareOfPeak: gflopsPerSecond / (peak.gflopsPerThread * numThreads),
      tokensPerSecond: (tokensPerStep / medianMs) * 1000,
      peakBytes,
      prepareMs: prepareMs.length === 0 ? null : medianOf(prepareMs),
      stepMs,
      losses,
    }
  }
}
