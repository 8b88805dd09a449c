import {
  buildRankingLists,
  type Engine,
  fitRanker,
  type Ranker,
  type RankerTrainingOptions,
  type ScaledLists,
  scaleLists,
} from '@perennial/train'
import type { Question } from './question.ts'
import type { LifecycleSettings } from './settings.ts'
import { pickSignals, type SignalSource } from './signals.ts'

/** Training lists, and what they took to build. */
export interface BuiltLists {
  readonly lists: ScaledLists
  readonly seconds: number
}

/** Builds training lists; those of the call before are not built again. */
export type ListSource = (question: Question, settings: LifecycleSettings) => Promise<BuiltLists>

/** How a long run is stopped, and where it says what it does. */
export interface Progress {
  readonly signal: AbortSignal
  readonly onStage: (text: string) => void
}

/** Time between two lines of progress. */
const SAY_EVERY_MS = 10_000

/** Returns a source of training lists that keeps the newest. */
export function createListSource(
  signalsOf: SignalSource,
  { signal, onStage }: Progress,
): ListSource {
  let kept: (BuiltLists & { readonly key: string }) | undefined
  return async (question, settings) => {
    const { label, group, dataset, horizonDays, includes } = question
    const { numTrainingCuts, keepShare, sizes, population } = settings
    const signals = pickSignals(settings)
    const cutDays = question.trainingCutDays.slice(0, numTrainingCuts)
    const key = JSON.stringify([label, group, cutDays, keepShare, sizes, population, signals])
    if (kept?.key === key) return kept
    // Not two of them in memory.
    kept = undefined
    const start = performance.now()
    let numDone = 0
    const lists = await buildRankingLists(dataset, {
      ...population,
      cutDays,
      horizonDays,
      createSignals: (past) => signalsOf.at(dataset, past, signals),
      sizes,
      keepShare,
      includes,
      signal,
      onProgress: () =>
        onStage(`  ${label}: training lists of cut ${++numDone} of ${cutDays.length}`),
    })
    kept = { key, lists: scaleLists(lists), seconds: (performance.now() - start) / 1000 }
    return kept
  }
}

/** Options of {@link trainRanker}. */
export interface TrainRankerOptions extends Progress, RankerTrainingOptions {
  readonly signal: AbortSignal
  /** What lines of progress call it. */
  readonly name: string
}

/** Trains a ranker and says how it goes. */
export async function trainRanker(
  engine: Engine,
  lists: ScaledLists,
  { name, onStage, ...options }: TrainRankerOptions,
): Promise<Ranker> {
  let saidAt = performance.now()
  return fitRanker(engine, lists, {
    ...options,
    onStep: (step, numSteps, loss) => {
      if (performance.now() - saidAt < SAY_EVERY_MS) return
      saidAt = performance.now()
      onStage(`  ${name}: step ${step} of ${numSteps}, loss ${loss.toFixed(3)}`)
    },
  })
}
