import { createRng } from '@perennial/core'
import { createWorkload, type WorkloadRequest } from './create-workload.ts'
import { drawArrivals, type Spacing } from './draw-arrivals.ts'
import { type LoopTimes, recordTimes } from './record-times.ts'
import { runOpenLoop } from './run-open-loop.ts'

/** Parts of a run: the first requests to a process that has answered none, those until it is warm, and the rest. */
export const PHASES = ['cold', 'warmUp', 'measured'] as const

/** One of {@link PHASES}. */
export type Phase = (typeof PHASES)[number]

/** Load on a recommender. */
export interface LoadSettings {
  /** Mean arrivals a second. */
  readonly ratePerSecond: number
  readonly spacing: Spacing
  /** How long each phase lasts, in seconds; 0 leaves out `cold` or `warmUp`. */
  readonly seconds: Readonly<Record<Phase, number>>
  /** Share of requests that record a purchase, `0..1`. */
  readonly writeShare: number
  readonly zipfExponent: number
  readonly seed: number
}

/** Times of each phase; a phase of no seconds is absent. */
export type PhaseTimes = Partial<Record<Phase, LoopTimes>> & { readonly measured: LoopTimes }

/** Options of {@link runPhases}. */
export interface RunPhasesOptions {
  readonly settings: LoadSettings
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  /** Told when a phase begins, and waited for. */
  readonly onPhase?: ((phase: Phase) => Promise<void> | void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Sends the phases of a load one after another, each once all requests of the last are over. */
export async function runPhases(
  send: (request: WorkloadRequest) => Promise<unknown>,
  { settings, userIds, itemIds, onPhase, signal }: RunPhasesOptions,
): Promise<PhaseTimes> {
  const { ratePerSecond, spacing, seconds, seed } = settings
  const runId = `run-${Date.now().toString(36)}`
  const nextRequest = createWorkload({ ...settings, userIds, itemIds, runId })
  const times: Partial<Record<Phase, LoopTimes>> = {}
  for (const [i, phase] of PHASES.entries()) {
    if (phase !== 'measured' && seconds[phase] === 0) continue
    await onPhase?.(phase)
    const rng = createRng(seed, 0x647565, i)
    const dueMs = drawArrivals(1000 * seconds[phase], { ratePerSecond, spacing, rng })
    const recorder = recordTimes(seconds[phase])
    const isWrite = new Uint8Array(dueMs.length)
    await runOpenLoop(
      (turn) => {
        const request = nextRequest()
        if (request.kind === 'write') isWrite[turn] = 1
        return send(request)
      },
      {
        dueMs,
        onAnswer: (answer) => recorder.record(answer, isWrite[answer.i] === 1 ? 'write' : 'read'),
        signal,
      },
    )
    times[phase] = recorder.times()
  }
  return times as PhaseTimes
}
