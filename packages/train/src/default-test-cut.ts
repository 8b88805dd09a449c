import { DAY_MS, type Dataset, RecommenderError } from '@perennial/core'

/** Returns when the test question is asked if nobody says: the horizon before the last event, at midnight UTC. */
export function defaultTestCut({ sequences }: Dataset, horizonDays: number): number {
  const last = sequences.timestampMs.reduce((max, time) => Math.max(max, time), -Infinity)
  return (Math.floor(last / DAY_MS) + 1 - horizonDays) * DAY_MS
}

/** Throws `INVALID_OPTION` for a cut within a day: what is known by day would then see a part of that day. */
export function checkMidnight(testCutMs: number): void {
  if (testCutMs % DAY_MS === 0) return
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`testCutMs\` to be midnight UTC, a multiple of ${DAY_MS}, got ${testCutMs}.`,
  )
}
