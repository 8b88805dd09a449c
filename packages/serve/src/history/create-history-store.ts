import { dropExpired } from './drop-expired.ts'
import { type HistoryRecord, NO_HISTORY_RECORD } from './history-record.ts'
import type {
  ErasedHistory,
  HistoryLimits,
  HistoryStore,
  StoredEvent,
  UserHistory,
} from './history-store.ts'
import { insertEvents, toKeptEvents } from './insert-events.ts'
import { keepShown } from './keep-shown.ts'
import { emptyRecord, mergeRecords } from './merge-records.ts'
import type { RecordBackend } from './record-backend.ts'
import { customerKeyOf, userKey } from './user-key.ts'

/** Creates the store over a place for records: all stores do the same, and differ in where and how they keep it. */
export function createHistoryStore(backend: RecordBackend, limits: HistoryLimits): HistoryStore {
  const optionsNow = () => ({ limits, nowMs: Date.now() })

  async function read(userId: string): Promise<UserHistory> {
    const record = (await backend.read(userKey(userId))) ?? NO_HISTORY_RECORD
    const { events, shown } = dropExpired(record, optionsNow())
    // The version stays that of the record: dropping by age alone is no change of it.
    return { version: record.version, events: toStoredEvents(events), shown }
  }

  async function merge(fromUserId: string, intoUserId: string): Promise<{ numMoved: number }> {
    if (fromUserId === intoUserId) return { numMoved: 0 }
    return backend.update(
      [userKey(fromUserId), userKey(intoUserId)],
      ([from, into]: readonly HistoryRecord[]) => {
        const merged = mergeRecords(from as HistoryRecord, into as HistoryRecord, optionsNow())
        return { records: [merged.from, merged.into], result: { numMoved: merged.numMoved } }
      },
    )
  }

  async function erase(userId: string): Promise<ErasedHistory> {
    return backend.update([userKey(userId)], ([record = NO_HISTORY_RECORD]) => {
      const nowMs = Date.now()
      return {
        records: [emptyRecord(record, nowMs)],
        erasedAtMs: nowMs,
        result: { numEvents: record.events.length, numShown: record.shown.size },
      }
    })
  }

  async function dropAllExpired(): Promise<void> {
    if (limits.maxAgeDays === Infinity) return
    for await (const [key, scanned] of backend.scan()) {
      if (dropExpired(scanned, optionsNow()) === scanned) continue
      await backend.update([key], ([record = NO_HISTORY_RECORD]) => ({
        records: [dropExpired(record, optionsNow())],
        result: undefined,
      }))
    }
  }

  return {
    kind: backend.kind,
    limits,
    append: async (userId, events) => {
      const inserted = toKeptEvents(events)
      return backend.update([userKey(userId)], ([before = NO_HISTORY_RECORD]) => {
        const { record, results } = insertEvents(before, inserted, optionsNow())
        return { records: [record], result: results }
      })
    },
    read,
    markShown: async (userId, itemIds, timestampMs) => {
      if (itemIds.length === 0) return
      const items = itemIds.map((itemId) => [itemId, timestampMs] as const)
      await backend.update([userKey(userId)], ([record = NO_HISTORY_RECORD]) => ({
        records: [keepShown(record, items, limits)],
        result: undefined,
      }))
    },
    merge,
    erase,
    erasures: async () => {
      const erasures = await backend.erasures()
      return new Map([...erasures].map(([key, erasedAtMs]) => [customerKeyOf(key), erasedAtMs]))
    },
    scan: async function* () {
      for await (const [key, record] of backend.scan()) {
        const { events } = dropExpired(record, optionsNow())
        if (events.length === 0) continue
        yield { customerKey: customerKeyOf(key), events: toStoredEvents(events) }
      }
    },
    compact: async () => {
      await dropAllExpired()
      await backend.compact()
    },
    statistics: () => backend.statistics(),
    close: () => backend.close(),
  }
}

function toStoredEvents(events: HistoryRecord['events']): StoredEvent[] {
  return events.map(({ itemId, timestampMs, quantity }) => ({ itemId, timestampMs, quantity }))
}
