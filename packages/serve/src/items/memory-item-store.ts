import type { ItemStore, StoredItem } from './item-store.ts'
import { mergeChanges } from './merge-changes.ts'

/** Creates a store of items that is kept in memory; gone at restart. */
export function createMemoryItemStore(): ItemStore {
  const entries = new Map<string, { readonly sequence: number; readonly item: StoredItem }>()
  let last = 0
  return {
    kind: 'memory',
    put: async (items) => {
      for (const { itemId, changes } of items) {
        const merged = mergeChanges(entries.get(itemId)?.item.changes, changes)
        // Deleted first, so that the map stays in the order of the last put.
        entries.delete(itemId)
        entries.set(itemId, { sequence: ++last, item: { itemId, changes: merged } })
      }
    },
    changesSince: async (sequence) => ({
      sequence: last,
      items: [...entries.values()]
        .filter((entry) => entry.sequence > sequence)
        .map(({ item }) => item),
    }),
    close: async () => {},
  }
}
