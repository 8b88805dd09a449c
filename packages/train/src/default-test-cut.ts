import { DAY_MS, type Dataset } from '@perennial/core'

/** Returns when the test question is asked if nobody says: the horizon before the last event, at midnight UTC. */
export function defaultTestCut({ sequences }: Dataset, horizonDays: number): number {
  const last = sequences.timestampMs.reduce((max, time) => Math.max(max, time), -Infinity)
  return (Math.floor(last / DAY_MS) + 1 - horizonDays) * DAY_MS
}
