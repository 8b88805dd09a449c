import { type Database, open, type RootDatabase } from 'lmdb'
import { decodeRecord, type HistoryRecord } from './history-record.ts'
import type { HistoryTotals } from './record-backend.ts'

/** The three tables of one file. */
export interface LmdbEnvironment {
  readonly root: RootDatabase
  /** Encoded records by key. */
  readonly records: Database<Uint8Array, string>
  /** Times of erasures by key. */
  readonly erasures: Database<number, string>
  /** One row, `totals`. */
  readonly totals: Database<HistoryTotals, string>
}

/**
 * Opens a file of LMDB, or creates it.
 *
 * A commit counts once it is flushed to disk: LMDB alone among its kin can resolve before that, by `overlappingSync`.
 */
export function openLmdbEnvironment(path: string): LmdbEnvironment {
  // Batching by event turn makes a promise that nobody can handle: a full disk would end the process.
  const root = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false })
  return {
    root,
    records: root.openDB('records', { encoding: 'binary' }),
    erasures: root.openDB('erasures', {}),
    totals: root.openDB('totals', {}),
  }
}

/** Returns the record of a key; within a transaction as the transaction sees it. */
export function findRecord({ records }: LmdbEnvironment, key: string): HistoryRecord | undefined {
  // The fast way hands out one buffer again and again; decoding copies what it keeps.
  const encoded = records.getBinaryFast(key)
  return encoded && decodeRecord(encoded)
}

/** Returns the totals of a file. */
export function readTotals({ totals }: LmdbEnvironment): HistoryTotals {
  return totals.get('totals') ?? { numUsers: 0, numEvents: 0 }
}
