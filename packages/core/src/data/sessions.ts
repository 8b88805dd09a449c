import { checkNumber } from '../errors.ts'

/** Options of {@link splitSessions}. */
export interface SplitSessionsOptions {
  /** A longer gap between two events begins a new session; milliseconds, 0 or more. */
  readonly sessionGapMs: number
}

/**
 * Returns where the sessions of one sequence begin, and its length: shape `[numSessions + 1]`.
 *
 * Session `s` is the range `offsets[s] .. offsets[s + 1] - 1`. A gap of exactly `sessionGapMs` does not cut.
 *
 * @param timestampMs - Event times, oldest first.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the gap is negative or not finite.
 */
export function splitSessions(
  timestampMs: Float64Array,
  { sessionGapMs }: SplitSessionsOptions,
): Int32Array {
  checkNumber('sessionGapMs', sessionGapMs, 0)
  const offsets: number[] = []
  for (let i = 0; i < timestampMs.length; i++) {
    const gap = i === 0 ? Infinity : (timestampMs[i] as number) - (timestampMs[i - 1] as number)
    if (gap > sessionGapMs) offsets.push(i)
  }
  return Int32Array.from([...offsets, timestampMs.length])
}
