import { join } from 'node:path'
import type { HistoryStoreOptions } from './history/history-options.ts'
import type { HistoryStore } from './history/history-store.ts'
import { openHistoryStore } from './history/open-history-store.ts'
import type { ItemStore } from './items/item-store.ts'
import { openLmdbItemStore } from './items/lmdb-item-store.ts'
import { createMemoryItemStore } from './items/memory-item-store.ts'
import { connectRedisItemStore } from './items/redis-item-store.ts'

/** Where a service keeps what it is told: histories of users, and items. */
export interface Stores {
  readonly store: HistoryStore
  readonly items: ItemStore
  close(): Promise<void>
}

/**
 * Opens both stores at one address.
 *
 * @param url - `memory:`; a folder, which gets the folders `history` and `items`; or `redis://host:port`, also with
 * `rediss`, `valkey` and `valkeys`.
 * @throws {@link RecommenderError} `INVALID_OPTION`; `STORE_UNAVAILABLE`.
 */
export async function openStores(url: string, options: HistoryStoreOptions = {}): Promise<Stores> {
  const { namespace } = options
  const isFolder = url !== 'memory:' && !/^(redis|valkey)s?:/.test(url)
  const folder = url.replace(/^lmdb:/, '')
  const store = await openHistoryStore(isFolder ? join(url, 'history') : url, options)
  try {
    const items = await openItems()
    return {
      store,
      items,
      close: async () => {
        await Promise.all([store.close(), items.close()])
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }

  async function openItems(): Promise<ItemStore> {
    if (url === 'memory:') return createMemoryItemStore()
    if (isFolder) return openLmdbItemStore({ folder: join(folder, 'items'), namespace })
    return connectRedisItemStore({ url, namespace })
  }
}
