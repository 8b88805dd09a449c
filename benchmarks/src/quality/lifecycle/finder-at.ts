import {
  type CandidateFinder,
  createCandidateFinder,
  createReplay,
  DAY_MS,
  endsBefore,
  LifecycleState,
} from '@perennial/core'
import type { Question } from './question.ts'
import type { LifecycleSettings } from './settings.ts'
import { pickSignals, type SignalSource } from './signals.ts'

/** Options of {@link finderAt}. */
export interface FinderOptions {
  readonly settings: LifecycleSettings
  readonly signalsOf: SignalSource
  /** First day that is not known. @defaultValue the cut of the question */
  readonly day?: number | undefined
}

/** Returns the finder of candidates for a question, which knows the days before it. */
export async function finderAt(
  { dataset, horizonDays, cutDay }: Question,
  { settings, signalsOf, day = cutDay }: FinderOptions,
): Promise<CandidateFinder> {
  const { sizes, population } = settings
  const { numItems } = dataset.catalog
  const state = new LifecycleState({ ...population, numItems, horizonDays })
  createReplay(state, dataset.sequences).until(day)
  const ends = endsBefore(dataset.sequences, day * DAY_MS)
  const signals = await signalsOf.at(dataset, { state, cutDay: day, ends }, pickSignals(settings))
  return createCandidateFinder(state, signals, sizes)
}
