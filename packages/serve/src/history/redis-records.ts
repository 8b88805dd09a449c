import { RecommenderError } from '@perennial/core'
import type { RedisConnection } from './connect-redis.ts'
import {
  decodeRecord,
  encodeRecord,
  type HistoryRecord,
  NO_HISTORY_RECORD,
} from './history-record.ts'
import type { HistoryStatistics } from './history-store.ts'
import { countChange, type RecordBackend, type RecordChange } from './record-backend.ts'

/** Most times that a change is tried again because another process changed the same user meanwhile. */
const MAX_TRIES = 100

/** Records fetched at once by a scan. */
const SCAN_SIZE = 500

/** Records whose memory is asked for to estimate that of all. */
const SAMPLE_SIZE = 100

/** A value begins with the number of times it was written, in this many bytes. */
const REVISION_BYTES = 8

/**
 * Writes records unless one of them was written since it was read. Keys: totals, erasures, records. Arguments: users and
 * events to add, field and time of an erasure (empty for none), then for each record its revision as read (empty for a
 * new one) and its new value (empty to leave it).
 */
const REPLACE = `
for i = 3, #KEYS do
  if redis.call('GETRANGE', KEYS[i], 0, ${REVISION_BYTES - 1}) ~= ARGV[2 * i - 1] then return 0 end
end
for i = 3, #KEYS do
  if ARGV[2 * i] ~= '' then redis.call('SET', KEYS[i], ARGV[2 * i]) end
end
redis.call('HINCRBY', KEYS[1], 'numUsers', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'numEvents', ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], ARGV[3], ARGV[4]) end
return 1`

/** Records as values of Redis, changed by compare and set. */
export class RedisRecords implements RecordBackend {
  readonly kind = 'redis'
  readonly #connection: RedisConnection
  readonly #prefix: string
  /** Resolve when the last change of a key that this process asked for is done. */
  readonly #lastChanges = new Map<string, Promise<unknown>>()
  #isClosed = false

  constructor(connection: RedisConnection, namespace: string) {
    this.#connection = connection
    this.#prefix = `perennial:{${namespace}}:`
  }

  async read(key: string): Promise<HistoryRecord | undefined> {
    this.#checkOpen()
    const value = await this.#run(({ redis }) => redis.getBuffer(this.#recordKey(key)))
    return value === null ? undefined : decodeValue(value)
  }

  /** Changes of one user by one process wait for each other, so that only those of others can come between. */
  async update<Result>(
    keys: readonly string[],
    change: (records: readonly HistoryRecord[]) => RecordChange<Result>,
  ): Promise<Result> {
    this.#checkOpen()
    const earlier = keys.map((key) => this.#lastChanges.get(key))
    const done = Promise.all(earlier).then(() => this.#tryUpdate(keys, change))
    const settled = done.catch(() => undefined)
    for (const key of keys) this.#lastChanges.set(key, settled)
    try {
      return await done
    } finally {
      for (const key of keys) {
        if (this.#lastChanges.get(key) === settled) this.#lastChanges.delete(key)
      }
    }
  }

  async erasures(): Promise<ReadonlyMap<string, number>> {
    this.#checkOpen()
    const erasures = await this.#run(({ redis }) => redis.hgetall(`${this.#prefix}erasures`))
    return new Map(Object.entries(erasures).map(([key, ms]) => [key, Number(ms)] as const))
  }

  async *scan(): AsyncIterable<readonly [string, HistoryRecord]> {
    this.#checkOpen()
    const seen = new Set<string>()
    for await (const page of this.#scanKeys()) {
      // The server may name a key twice.
      const recordKeys = [...new Set(page)].filter((recordKey) => !seen.has(recordKey))
      if (recordKeys.length === 0) continue
      for (const recordKey of recordKeys) seen.add(recordKey)
      const values = await this.#run(({ redis }) => redis.mgetBuffer(recordKeys))
      for (const [i, recordKey] of recordKeys.entries()) {
        const value = values[i]
        if (value != null) yield [recordKey.slice(this.#recordKey('').length), decodeValue(value)]
      }
    }
  }

  /** The server frees what is replaced at once. */
  async compact(): Promise<void> {}

  /** The bytes are those of the mean record in the memory of the server, times the number of users. */
  async statistics(): Promise<HistoryStatistics> {
    this.#checkOpen()
    const totals = await this.#run(({ redis }) => redis.hgetall(`${this.#prefix}totals`))
    const numUsers = Number(totals.numUsers ?? 0)
    const sizes: number[] = []
    for await (const page of this.#scanKeys()) {
      for (const recordKey of page.slice(0, SAMPLE_SIZE - sizes.length)) {
        sizes.push((await this.#run(({ redis }) => redis.memory('USAGE', recordKey))) ?? 0)
      }
      if (sizes.length >= SAMPLE_SIZE) break
    }
    const meanBytes = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length)
    return {
      numUsers,
      numEvents: Number(totals.numEvents ?? 0),
      bytes: Math.round(meanBytes * numUsers),
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await Promise.all(this.#lastChanges.values())
    this.#connection.redis.disconnect()
  }

  async #tryUpdate<Result>(
    keys: readonly string[],
    change: (records: readonly HistoryRecord[]) => RecordChange<Result>,
  ): Promise<Result> {
    const recordKeys = keys.map((key) => this.#recordKey(key))
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const values = await this.#run(({ redis }) => redis.mgetBuffer(recordKeys))
      const before = values.map((value) =>
        value === null ? NO_HISTORY_RECORD : decodeValue(value),
      )
      const made = change(before)
      const isSame = made.records.every((record, i) => record === before[i])
      if (isSame && made.erasedAtMs === undefined) return made.result
      const added = countChange(before, made.records)
      const isErasure = made.erasedAtMs !== undefined
      const written = values.flatMap((value, i) => {
        const record = made.records[i] as HistoryRecord
        return [revisionOf(value), record === before[i] ? '' : encodeValue(record, value)]
      })
      const isDone = await this.#run(({ redis }) =>
        redis.eval(
          REPLACE,
          2 + keys.length,
          `${this.#prefix}totals`,
          `${this.#prefix}erasures`,
          ...recordKeys,
          added.numUsers,
          added.numEvents,
          isErasure ? (keys[0] as string) : '',
          made.erasedAtMs ?? '',
          ...written,
        ),
      )
      if (isDone === 1) return made.result
    }
    throw new RecommenderError(
      'STORE_UNAVAILABLE',
      `Expected to change a history, got ${MAX_TRIES} changes by other processes in between. Try again.`,
    )
  }

  async *#scanKeys(): AsyncIterable<readonly string[]> {
    let cursor = '0'
    do {
      const [next, page] = await this.#run(({ redis }) =>
        redis.scan(cursor, 'MATCH', this.#recordKey('*'), 'COUNT', SCAN_SIZE),
      )
      yield page
      cursor = next
    } while (cursor !== '0')
  }

  #recordKey(key: string): string {
    return `${this.#prefix}history:${key}`
  }

  #run<T>(commands: (connection: RedisConnection) => Promise<T>): Promise<T> {
    return this.#connection.run(() => commands(this.#connection))
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new RecommenderError(
      'STORE_UNAVAILABLE',
      'Expected the history store to be open, got a call after close().',
    )
  }
}

/** Values are written by revision and record; nothing else ever writes one. */
function encodeValue(record: HistoryRecord, previous: Buffer | null): Buffer {
  const revision = Buffer.alloc(REVISION_BYTES)
  revision.writeBigUInt64BE((previous?.readBigUInt64BE() ?? 0n) + 1n)
  return Buffer.concat([revision, encodeRecord(record)])
}

function decodeValue(value: Buffer): HistoryRecord {
  return decodeRecord(value.subarray(REVISION_BYTES))
}

function revisionOf(value: Buffer | null): Buffer | string {
  return value?.subarray(0, REVISION_BYTES) ?? ''
}
