import { RecommenderError } from '@perennial/core'
import { connectRedisHistoryStore } from './connect-redis-history-store.ts'
import type { HistoryStoreOptions } from './history-options.ts'
import type { HistoryStore } from './history-store.ts'
import { createMemoryHistoryStore } from './memory-history-store.ts'
import { openLmdbHistoryStore } from './open-lmdb-history-store.ts'

/**
 * Opens the store that an address names.
 *
 * @param url - `memory:`; a folder, or `lmdb:` and a folder; `redis://host:port`, also with `rediss`, `valkey` and
 * `valkeys`.
 * @throws {@link RecommenderError} `INVALID_OPTION`; `STORE_UNAVAILABLE` as the store itself.
 */
export async function openHistoryStore(
  url: string,
  options: HistoryStoreOptions = {},
): Promise<HistoryStore> {
  if (url === 'memory:') return createMemoryHistoryStore(options)
  if (/^(redis|valkey)s?:/.test(url)) return connectRedisHistoryStore({ url, ...options })
  const folder = url.replace(/^lmdb:/, '')
  // One letter is a drive of Windows.
  const scheme = /^[a-z][a-z+.-]+:/i.exec(folder)?.[0]
  if (folder === '' || scheme !== undefined) {
    throw new RecommenderError(
      'INVALID_OPTION',
      // No more of the address than its beginning, since it may hold a password.
      `Expected the history store to be memory:, a folder, or redis://host:port, got \`${scheme ?? url}\`.`,
    )
  }
  return openLmdbHistoryStore({ folder, ...options })
}
