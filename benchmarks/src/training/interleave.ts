import { setTimeout as sleep } from 'node:timers/promises'
import { measureBusyShare } from './busy-share.ts'
import type { Schedule } from './result.ts'
import type { EngineAnswer, RunningEngine } from './start-engine.ts'

/** Time in which the threads of the last engine stop looking for work, and then time in which nothing should run. */
const PAUSE_MS = 150
const WATCH_MS = 200

/** What one engine answered. */
export interface Interleaved {
  readonly stepMs: readonly (readonly number[])[]
  /** Of all steps, from the first on. */
  readonly losses: readonly number[]
  readonly prepareMs: readonly number[]
  readonly peakBytes: number
}

/** Options of {@link interleave}. */
export interface InterleaveOptions {
  readonly schedule: Schedule
  readonly signal?: AbortSignal | undefined
  /** Called before each round with its number, 0-based. */
  readonly onRound?: ((round: number) => void) | undefined
}

/** Returns the steps that an engine takes in all. */
export function countSteps({ warmUpSteps, rounds, settleSteps, stepsPerRound }: Schedule): number {
  return warmUpSteps + rounds * (settleSteps + stepsPerRound)
}

/** Returns which of all steps are measured, 0-based. */
export function measuredSteps({
  warmUpSteps,
  rounds,
  settleSteps,
  stepsPerRound,
}: Schedule): number[] {
  return Array.from({ length: rounds * stepsPerRound }, (_, i) => {
    const round = Math.floor(i / stepsPerRound)
    return warmUpSteps + (round + 1) * settleSteps + i
  })
}

/**
 * Warms the engines up, then lets each take its steps of a round while the others wait; every other round goes through
 * them from the last to the first.
 *
 * @returns What each engine answered, and the mean share of all cores that was busy in the pauses between them.
 */
export async function interleave(
  engines: ReadonlyMap<string, RunningEngine>,
  { schedule, signal, onRound }: InterleaveOptions,
): Promise<{ readonly times: Map<string, Interleaved>; readonly othersBusyShare: number }> {
  const { warmUpSteps, rounds, settleSteps, stepsPerRound } = schedule
  const answers = new Map<string, EngineAnswer[]>()
  const busyShares: number[] = []
  for (const [name, engine] of engines) answers.set(name, [await engine.run(warmUpSteps)])
  for (let round = 0; round < rounds; round++) {
    onRound?.(round)
    const order = round % 2 === 0 ? [...engines] : [...engines].reverse()
    for (const [name, engine] of order) {
      await sleep(PAUSE_MS)
      busyShares.push(await measureBusyShare(WATCH_MS))
      signal?.throwIfAborted()
      answers.get(name)?.push(await engine.run(settleSteps + stepsPerRound))
    }
  }
  const times = new Map(
    Array.from(answers, ([name, all]) => {
      const measured = all.slice(1)
      return [
        name,
        {
          stepMs: measured.map(({ stepMs }) => stepMs.slice(settleSteps)),
          losses: all.flatMap(({ losses }) => losses),
          prepareMs: measured.flatMap(({ prepareMs = [] }) => prepareMs.slice(settleSteps)),
          peakBytes: Math.max(...all.map(({ peakBytes }) => peakBytes)),
        },
      ]
    }),
  )
  const othersBusyShare = busyShares.reduce((sum, share) => sum + share, 0) / busyShares.length
  return { times, othersBusyShare }
}

/** Returns the middle value, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[Math.ceil(sorted.length / 2) - 1] as number
  const high = sorted[Math.floor(sorted.length / 2)] as number
  return (low + high) / 2
}
