import { dropExpired, nextVersion, type RecordChangeOptions } from './drop-expired.ts'
import { type HistoryRecord, isInUse, NO_HISTORY_RECORD } from './history-record.ts'
import { insertEvents } from './insert-events.ts'
import { keepShown } from './keep-shown.ts'

/** What a merge makes of two records. */
export interface MergedRecords {
  readonly from: HistoryRecord
  readonly into: HistoryRecord
  readonly numMoved: number
}

/** Moves all of one record into another; what was moved is as if it had been added last. */
export function mergeRecords(
  from: HistoryRecord,
  into: HistoryRecord,
  options: RecordChangeOptions,
): MergedRecords {
  if (!isInUse(from)) return { from, into, numMoved: 0 }
  const { events, shown } = dropExpired(from, options)
  const { record, results } = insertEvents(into, events, options)
  const merged = keepShown(record, shown, options.limits)
  const droppedThroughMs = Math.max(merged.droppedThroughMs, from.droppedThroughMs)
  return {
    from: emptyRecord(from, options.nowMs),
    into: { ...merged, droppedThroughMs },
    numMoved: results.filter((result) => result === 'added').length,
  }
}

/** Returns the record without anything but a version, so that later ones go on from it. */
export function emptyRecord(record: HistoryRecord, nowMs: number): HistoryRecord {
  return { ...NO_HISTORY_RECORD, version: nextVersion(record, nowMs) }
}
