import { RecommenderError } from '@perennial/core'
import { connectRedis, type RedisConnectionOptions } from '../history/connect-redis.ts'
import type { ItemStore, StoredItem } from './item-store.ts'
import { mergeChanges } from './merge-changes.ts'

/** Options of {@link connectRedisItemStore}. */
export interface RedisItemStoreOptions extends RedisConnectionOptions {
  /** Keeps shops apart that share a server. @defaultValue 'default' */
  readonly namespace?: string | undefined
}

/** Items fetched by one command. */
const FETCH_SIZE = 1000

/** Most times that a put is tried again because another process put the same items meanwhile. */
const MAX_TRIES = 20

/**
 * Sequence numbers and items are written in one step, so that a reader never sees a number without its item, and only
 * where nobody else wrote meanwhile. Arguments: id, what was read (empty for nothing), what is to be written, and so on.
 */
const PUT = `
for i = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[3], ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 1, #ARGV, 3 do
  local sequence = redis.call('INCR', KEYS[1])
  redis.call('ZADD', KEYS[2], sequence, ARGV[i])
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2])
end
return 1`

/**
 * Connects to a store of items in Redis or Valkey, which several processes share.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`; `STORE_UNAVAILABLE` if the server does not answer in time.
 */
export async function connectRedisItemStore({
  namespace = 'default',
  ...connection
}: RedisItemStoreOptions): Promise<ItemStore> {
  const { redis, run } = await connectRedis(connection)
  const keys = ['last', 'order', 'items'].map((name) => `perennial:{${namespace}}:item:${name}`)
  const [lastKey, orderKey, itemsKey] = keys as [string, string, string]
  return {
    kind: 'redis',
    put: async (items) => {
      if (items.length === 0) return
      const itemIds = [...new Set(items.map(({ itemId }) => itemId))]
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const before = await run(() => redis.hmget(itemsKey, ...itemIds))
        const after = mergeAll(itemIds, before, items)
        const values = itemIds.flatMap((itemId, i) => [itemId, before[i] ?? '', after[i] as string])
        if ((await run(() => redis.eval(PUT, 3, lastKey, orderKey, itemsKey, ...values))) === 1)
          return
      }
      throw new RecommenderError(
        'STORE_UNAVAILABLE',
        `Expected to put ${items.length} items, got ${MAX_TRIES} conflicts with other processes. Try again.`,
      )
    },
    changesSince: (sequence) =>
      run(async () => {
        const items: StoredItem[] = []
        let last = sequence
        for (;;) {
          const found = await redis.zrangebyscore(
            orderKey,
            `(${last}`,
            '+inf',
            'WITHSCORES',
            'LIMIT',
            0,
            FETCH_SIZE,
          )
          if (found.length === 0) return { sequence: last, items }
          const itemIds = found.filter((_, i) => i % 2 === 0)
          const values = await redis.hmget(itemsKey, ...itemIds)
          for (const value of values) if (value !== null) items.push(JSON.parse(value))
          last = Number(found.at(-1))
        }
      }),
    close: async () => redis.disconnect(),
  }
}

/** Returns what is to be stored of each item. */
function mergeAll(
  itemIds: readonly string[],
  before: readonly (string | null)[],
  items: readonly StoredItem[],
): string[] {
  const known = new Map<string, StoredItem>()
  itemIds.forEach((itemId, i) => {
    const value = before[i]
    if (value != null) known.set(itemId, JSON.parse(value))
  })
  for (const { itemId, changes } of items)
    known.set(itemId, { itemId, changes: mergeChanges(known.get(itemId)?.changes, changes) })
  return itemIds.map((itemId) => JSON.stringify(known.get(itemId)))
}
