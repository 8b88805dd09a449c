import { connectRedis, type RedisConnectionOptions } from './connect-redis.ts'
import { createHistoryStore } from './create-history-store.ts'
import { type HistoryStoreOptions, readHistoryOptions } from './history-options.ts'
import type { HistoryStore } from './history-store.ts'
import { RedisRecords } from './redis-records.ts'

/** Options of {@link connectRedisHistoryStore}. */
export interface RedisHistoryStoreOptions extends HistoryStoreOptions, RedisConnectionOptions {}

/**
 * Connects to a store in Redis or Valkey, which any number of processes share.
 *
 * What a promise acknowledges the server has taken; whether it outlives a crash of the server is the server's setting
 * (`appendonly yes`, `appendfsync always`). The server must not evict keys (`maxmemory-policy noeviction`). All keys
 * begin with `perennial:{namespace}:`, and no user id is sent to it.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`; `STORE_UNAVAILABLE` if the server does not answer in time.
 */
export async function connectRedisHistoryStore(
  options: RedisHistoryStoreOptions,
): Promise<HistoryStore> {
  const { namespace, limits } = readHistoryOptions(options)
  const connection = await connectRedis(options)
  return createHistoryStore(new RedisRecords(connection, namespace), limits)
}
