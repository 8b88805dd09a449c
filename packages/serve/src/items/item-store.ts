import type { ItemChanges } from '@perennial/core'

/** All that a shop has said of an item since training: the newest value of each field. */
export interface StoredItem {
  readonly itemId: string
  readonly changes: ItemChanges
}

/** Items that were put after a point in time. */
export interface ItemStoreChanges {
  /** To ask for what comes after these. */
  readonly sequence: number
  /** In the order of their last put. */
  readonly items: readonly StoredItem[]
}

/** What shops say of their items, by id, in one namespace; what a promise acknowledges survives a crash of the process. */
export interface ItemStore {
  readonly kind: 'memory' | 'lmdb' | 'redis'
  /** Adds changes to what is known of items, field by field, all or none; changes with an earlier `asOfMs` are left out. */
  put(items: readonly StoredItem[]): Promise<void>
  /** Returns what was put since an earlier answer, by whatever process; 0 asks for all. */
  changesSince(sequence: number): Promise<ItemStoreChanges>
  close(): Promise<void>
}
