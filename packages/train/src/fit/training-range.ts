import { dayOf } from '@perennial/core'
import type { FitConfig } from './options.ts'

/** The options that decide which events training takes of a user. */
export interface TrainingRangeConfig extends Pick<FitConfig, 'objective'> {
  readonly encoder: Pick<FitConfig['encoder'], 'maxLength'>
}

/**
 * Returns the position of the first event that training takes of a user; it takes those up to the end of the training
 * part.
 *
 * For `next` these are the newest `maxLength + 1`, since every event but the first is the target of the one before. For
 * `horizon` they are the last visit, which only answers, and the `maxLength` events before it.
 *
 * @param timestampMs - Of the user's training events, oldest first.
 * @returns `undefined` for a user with no question to learn from.
 */
export function trainingStart(
  timestampMs: Float64Array,
  { objective, encoder: { maxLength } }: TrainingRangeConfig,
): number | undefined {
  const last = objective === 'next' ? timestampMs.length - 1 : lastVisitStart(timestampMs)
  return last >= 1 ? Math.max(0, last - maxLength) : undefined
}

function lastVisitStart(timestampMs: Float64Array): number {
  const { length } = timestampMs
  let start = length
  const day = dayOf(timestampMs[length - 1] as number)
  while (start > 0 && dayOf(timestampMs[start - 1] as number) === day) start--
  return start
}
