import { type HistoryRecord, isInUse } from './history-record.ts'
import type { HistoryStatistics, HistoryStore } from './history-store.ts'

/** What a change makes of the records of one or two users. */
export interface RecordChange<Result> {
  /** One a key, in order; the same object where nothing changes. */
  readonly records: readonly HistoryRecord[]
  /** Time to remember as that of the erasure of the first key, milliseconds since 1970-01-01 UTC. */
  readonly erasedAtMs?: number | undefined
  readonly result: Result
}

/** Where records are kept by the key of their user: what stores differ in. */
export interface RecordBackend {
  readonly kind: HistoryStore['kind']
  /** Returns the record of a key, if there is one. */
  read(key: string): Promise<HistoryRecord | undefined>
  /**
   * Replaces records in one step that no other change comes between, durable once the promise resolves.
   *
   * @param change - Pure, since it may be asked again on newer records; gets `NO_HISTORY_RECORD` for a new key.
   */
  update<Result>(
    keys: readonly string[],
    change: (records: readonly HistoryRecord[]) => RecordChange<Result>,
  ): Promise<Result>
  /** Returns the times remembered by `erasedAtMs`, by key. */
  erasures(): Promise<ReadonlyMap<string, number>>
  /** Goes over all records, each key once, in no order. */
  scan(): AsyncIterable<readonly [key: string, record: HistoryRecord]>
  /** Rewrites files without what was replaced or removed. */
  compact(): Promise<void>
  statistics(): Promise<HistoryStatistics>
  close(): Promise<void>
}

/** How many users and events a store holds, or how many a change adds. */
export type HistoryTotals = Omit<HistoryStatistics, 'bytes'>

/** Returns what replacing records adds to the totals of a store, less than 0 where it takes away. */
export function countChange(
  before: readonly HistoryRecord[],
  after: readonly HistoryRecord[],
): HistoryTotals {
  const [old, now] = [countRecords(before), countRecords(after)]
  return { numUsers: now.numUsers - old.numUsers, numEvents: now.numEvents - old.numEvents }
}

function countRecords(records: readonly HistoryRecord[]): HistoryTotals {
  return {
    numUsers: records.filter(isInUse).length,
    numEvents: records.reduce((sum, { events }) => sum + events.length, 0),
  }
}
