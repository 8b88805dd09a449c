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
import { createSignals } from './signals.ts'

/** Returns the finder of candidates that knows the days before `day`, the question's cut unless told otherwise. */
export async function finderAt(
  { dataset, horizonDays, cutDay }: Question,
  { sizes, population }: LifecycleSettings,
  day: number = cutDay,
): Promise<CandidateFinder> {
  const { numItems } = dataset.catalog
  const state = new LifecycleState({ ...population, numItems, horizonDays })
  createReplay(state, dataset.sequences).until(day)
  const ends = endsBefore(dataset.sequences, day * DAY_MS)
  return createCandidateFinder(state, await createSignals({ state, cutDay: day, ends }), sizes)
}
