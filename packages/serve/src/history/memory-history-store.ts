import { createHistoryStore } from './create-history-store.ts'
import { type HistoryStoreOptions, readHistoryOptions } from './history-options.ts'
import {
  decodeRecord,
  encodeRecord,
  type HistoryRecord,
  NO_HISTORY_RECORD,
} from './history-record.ts'
import type { HistoryStore } from './history-store.ts'
import { countChange, type RecordBackend, type RecordChange } from './record-backend.ts'

/** What the engine takes for an entry beside the record: its key, its place in the map, the head of its array. */
const ENTRY_BYTES = 320

/**
 * Creates a store that is kept in memory; gone at restart.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`.
 */
export function createMemoryHistoryStore(options: HistoryStoreOptions = {}): HistoryStore {
  return createHistoryStore(createMemoryRecords(), readHistoryOptions(options).limits)
}

/** Records are kept encoded, a fifth of what they take as objects. */
function createMemoryRecords(): RecordBackend {
  const records = new Map<string, Uint8Array>()
  const erasures = new Map<string, number>()
  let [numUsers, numEvents, bytes] = [0, 0, 0]

  function find(key: string): HistoryRecord | undefined {
    const encoded = records.get(key)
    return encoded && decodeRecord(encoded)
  }

  function put(key: string, record: HistoryRecord): void {
    // A copy of its own, since what encodes hands out parts of large buffers.
    const encoded = new Uint8Array(encodeRecord(record))
    const previous = records.get(key)
    bytes += encoded.length - (previous?.length ?? -ENTRY_BYTES)
    records.set(key, encoded)
  }

  return {
    kind: 'memory',
    read: async (key) => find(key),
    update: async <Result>(
      keys: readonly string[],
      change: (current: readonly HistoryRecord[]) => RecordChange<Result>,
    ) => {
      const before = keys.map((key) => find(key) ?? NO_HISTORY_RECORD)
      const { records: after, erasedAtMs, result } = change(before)
      for (const [i, key] of keys.entries()) {
        const record = after[i] as HistoryRecord
        if (record !== before[i]) put(key, record)
      }
      const added = countChange(before, after)
      numUsers += added.numUsers
      numEvents += added.numEvents
      if (erasedAtMs !== undefined) erasures.set(keys[0] as string, erasedAtMs)
      return result
    },
    erasures: async () => new Map(erasures),
    scan: async function* () {
      for (const [key, encoded] of records) yield [key, decodeRecord(encoded)] as const
    },
    compact: async () => {},
    statistics: async () => ({ numUsers, numEvents, bytes }),
    close: async () => {},
  }
}
