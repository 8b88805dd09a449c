import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  connectRedisHistoryStore,
  createMemoryHistoryStore,
  type HistoryStore,
  openLmdbHistoryStore,
  type StoredEvent,
} from '@perennial/serve'
import type { Subject } from '../subject.ts'
import { measureMemory } from './measure-memory.ts'

/** Bytes that histories of known customers take. */
export interface HistoryStorage {
  readonly numUsers: number
  readonly eventsPerUser: number
  readonly memory: UserBytes
  /** Files on disk, after compaction. */
  readonly lmdb: UserBytes
  /** As the server counts them. */
  readonly redis: UserBytes | { readonly skipped: string }
}

/** Bytes of one customer, and of one of his events. */
export interface UserBytes {
  readonly bytesPerUser: number
  readonly bytesPerEvent: number
}

/** Options of {@link measureHistories}. */
export interface MeasureHistoriesOptions {
  /** For example `redis://127.0.0.1:6379`. @defaultValue none: redis is left out */
  readonly redisUrl?: string | undefined
  readonly signal?: AbortSignal | undefined
}

const BATCH_USERS = 1000

/** Fills a store of each kind with the purchases of a subject and measures what they take. */
export async function measureHistories(
  subject: Pick<Subject, 'artifact' | 'events'>,
  { redisUrl, signal }: MeasureHistoriesOptions = {},
): Promise<HistoryStorage> {
  const numUsers = subject.events.userIds.length
  const numEvents = subject.events.userRows.length
  const share = (bytes: number): UserBytes => ({
    bytesPerUser: bytes / numUsers,
    bytesPerEvent: bytes / numEvents,
  })
  const { heapBytes } = await measureMemory(async () => {
    const store = createMemoryHistoryStore()
    await fill(store, subject, signal)
    return store
  })
  return {
    numUsers,
    eventsPerUser: numEvents / numUsers,
    memory: share(heapBytes),
    lmdb: share(await measureLmdb(subject, signal)),
    redis:
      redisUrl === undefined
        ? { skipped: 'no address of a Redis server was given' }
        : share(await measureRedis(subject, redisUrl, signal)),
  }
}

async function measureLmdb(
  subject: Pick<Subject, 'artifact' | 'events'>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-benchmark-store-'))
  try {
    const store = await openLmdbHistoryStore({ folder })
    try {
      await fill(store, subject, signal)
      await store.compact()
    } finally {
      await store.close()
    }
    return await diskBytes(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureRedis(
  subject: Pick<Subject, 'artifact' | 'events'>,
  url: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const namespace = `benchmark-${Date.now().toString(36)}`
  const store = await connectRedisHistoryStore({ url, namespace })
  try {
    await fill(store, subject, signal)
    const { bytes } = await store.statistics()
    for (const userId of subject.events.userIds) await store.erase(userId)
    return bytes
  } finally {
    await store.close()
  }
}

/** Stores every user's purchases, many users at once. */
async function fill(
  store: Pick<HistoryStore, 'append'>,
  { artifact: { catalog }, events }: Pick<Subject, 'artifact' | 'events'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { userIds, userRows, itemRows, timestampMs, quantities } = events
  let appends: Promise<unknown>[] = []
  for (let start = 0; start < userRows.length; ) {
    const userRow = userRows[start] as number
    const history: StoredEvent[] = []
    for (; userRows[start] === userRow; start++) {
      history.push({
        itemId: catalog.idOf(itemRows[start] as number),
        timestampMs: timestampMs[start] as number,
        quantity: quantities[start] as number,
      })
    }
    appends.push(store.append(userIds[userRow] as string, history))
    if (appends.length < BATCH_USERS && start < userRows.length) continue
    signal?.throwIfAborted()
    await Promise.all(appends)
    appends = []
  }
}

/** Bytes that files under a folder take on disk; a file with holes takes less than its length. */
async function diskBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  let bytes = 0
  for (const entry of entries) {
    if (!entry.isFile()) continue
    bytes += 512 * (await stat(join(entry.parentPath, entry.name))).blocks
  }
  return bytes
}
