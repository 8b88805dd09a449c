import { RecommenderError } from '@perennial/core'
import { open } from 'lmdb'
import { findCause } from '../history/commit-updates.ts'
import type { ItemStore, StoredItem } from './item-store.ts'
import { mergeChanges } from './merge-changes.ts'

/** Options of {@link openLmdbItemStore}. */
export interface LmdbItemStoreOptions {
  /** Made when missing. */
  readonly folder: string
  /** Keeps shops apart that share a folder. @defaultValue 'default' */
  readonly namespace?: string | undefined
}

interface Entry {
  readonly sequence: number
  readonly item: StoredItem
}

/** Key of the last sequence number: items have keys that begin with another letter. */
const LAST_KEY = 'last'

/** Opens a store of items in an LMDB folder; an item is acknowledged once it is on disk. */
export function openLmdbItemStore({
  folder,
  namespace = 'default',
}: LmdbItemStoreOptions): ItemStore {
  const environment = open({
    path: folder,
    maxDbs: 64,
    // As in the history store: a commit counts once it is on disk, and a full disk must not end the process.
    overlappingSync: false,
    eventTurnBatching: false,
  })
  const entries = environment.openDB<Entry | number, string>({ name: `items:${namespace}` })
  const keyOf = (itemId: string): string => `item:${itemId}`
  const entriesSince = (sequence: number): Entry[] => {
    const found: Entry[] = []
    for (const { value } of entries.getRange({ start: 'item:', end: 'item;' }))
      if ((value as Entry).sequence > sequence) found.push(value as Entry)
    return found.sort((a, b) => a.sequence - b.sequence)
  }
  return {
    kind: 'lmdb',
    put: async (items) => {
      try {
        await entries.transaction(() => {
          let last = (entries.get(LAST_KEY) as number | undefined) ?? 0
          for (const { itemId, changes } of items) {
            const known = entries.get(keyOf(itemId)) as Entry | undefined
            const merged = mergeChanges(known?.item.changes, changes)
            entries.putSync(keyOf(itemId), {
              sequence: ++last,
              item: { itemId, changes: merged },
            })
          }
          entries.putSync(LAST_KEY, last)
        })
      } catch (error) {
        const cause = await findCause(error)
        throw new RecommenderError(
          'STORE_UNAVAILABLE',
          `Expected to write ${items.length} items, got ${String(cause)}. None of them is stored.`,
          { cause },
        )
      }
    },
    changesSince: async (sequence) => {
      const found = entriesSince(sequence)
      return {
        sequence: found.at(-1)?.sequence ?? sequence,
        items: found.map(({ item }) => item),
      }
    },
    close: async () => environment.close(),
  }
}
