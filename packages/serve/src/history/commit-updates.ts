import { RecommenderError } from '@perennial/core'
import { encodeRecord, type HistoryRecord, NO_HISTORY_RECORD } from './history-record.ts'
import { findRecord, type LmdbEnvironment, readTotals } from './lmdb-environment.ts'
import { countChange, type RecordChange } from './record-backend.ts'

/** An update that waits for its transaction. */
export interface WaitingUpdate {
  readonly keys: readonly string[]
  readonly change: (records: readonly HistoryRecord[]) => RecordChange<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes updates in one transaction and tells their callers once it is on disk. A change that throws fails alone; a
 * transaction that cannot be committed fails for all of them, with `STORE_UNAVAILABLE`.
 */
export async function commitUpdates(
  environment: LmdbEnvironment,
  updates: readonly WaitingUpdate[],
): Promise<void> {
  let settlements: (() => void)[] = []
  try {
    await environment.root.transaction(() => {
      settlements = updates.map((update) => applyUpdate(environment, update))
    })
  } catch (error) {
    const cause = await findCause(error)
    const failure = new RecommenderError(
      'STORE_UNAVAILABLE',
      `Expected to write histories, got ${String(cause)}. Nothing of these updates is stored.`,
      { cause },
    )
    for (const { reject } of updates) reject(failure)
    return
  }
  for (const settle of settlements) settle()
}

/** Makes one change within a transaction; returns what tells its caller. */
function applyUpdate(environment: LmdbEnvironment, update: WaitingUpdate): () => void {
  const { keys, resolve, reject } = update
  let prepared: ReturnType<typeof prepareUpdate>
  try {
    prepared = prepareUpdate(environment, update)
  } catch (error) {
    return () => reject(error)
  }
  const { encoded, added, erasedAtMs, result } = prepared
  for (const [i, key] of keys.entries()) {
    const bytes = encoded[i]
    if (bytes !== undefined) environment.records.putSync(key, bytes)
  }
  if (erasedAtMs !== undefined) environment.erasures.putSync(keys[0] as string, erasedAtMs)
  if (added.numUsers !== 0 || added.numEvents !== 0) {
    const { numUsers, numEvents } = readTotals(environment)
    environment.totals.putSync('totals', {
      numUsers: numUsers + added.numUsers,
      numEvents: numEvents + added.numEvents,
    })
  }
  return () => resolve(result)
}

/** All that can fail by the change or its data comes before the first write, so that no part of it is written. */
function prepareUpdate(environment: LmdbEnvironment, { keys, change }: WaitingUpdate) {
  const before = keys.map((key) => findRecord(environment, key) ?? NO_HISTORY_RECORD)
  const { records, erasedAtMs, result } = change(before)
  return {
    encoded: records.map((record, i) => (record === before[i] ? undefined : encodeRecord(record))),
    added: countChange(before, records),
    erasedAtMs,
    result,
  }
}

/** Returns why a commit failed: LMDB's error says that in a promise of its own. */
export async function findCause(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<unknown> | undefined }
  if (commitError === undefined) return error
  return commitError.catch((cause: unknown) => cause)
}
