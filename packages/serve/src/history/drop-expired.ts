import { oldestKeptMs } from './history-options.ts'
import type { HistoryRecord } from './history-record.ts'
import type { HistoryLimits } from './history-store.ts'

/** Options of the functions that make a new record from an old one. */
export interface RecordChangeOptions {
  readonly limits: HistoryLimits
  /** Time of the change, milliseconds since 1970-01-01 UTC. */
  readonly nowMs: number
}

/** Returns the record without what is older than the age limit: the same one if that is all of it. */
export function dropExpired(
  record: HistoryRecord,
  { limits, nowMs }: RecordChangeOptions,
): HistoryRecord {
  if (limits.maxAgeDays === Infinity) return record
  const oldestMs = oldestKeptMs(limits, nowMs)
  const numExpired = record.events.findIndex((event) => event.timestampMs >= oldestMs)
  const events = numExpired < 0 ? [] : record.events.slice(numExpired)
  const shown = [...record.shown].filter(([, shownMs]) => shownMs >= oldestMs)
  const isSame = events.length === record.events.length
  if (isSame && shown.length === record.shown.size) return record
  return {
    ...record,
    version: isSame ? record.version : nextVersion(record, nowMs),
    events,
    shown: new Map(shown),
  }
}

/** Returns the version of the record that follows: the time, unless that does not rise. */
export function nextVersion({ version }: HistoryRecord, nowMs: number): number {
  return Math.max(version + 1, nowMs)
}
