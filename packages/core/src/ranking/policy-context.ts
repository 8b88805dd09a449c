import type { ItemAttributes } from './item-attributes.ts'

/** Items to choose a list from, in any order, as columns of one length. */
export interface PolicyCandidates {
  /** Distinct item rows. */
  readonly itemRows: Int32Array
  /** Higher is better, on any scale; a candidate whose score is not finite is never taken. */
  readonly scores: Float32Array
  /** 1 for items that the customer bought. @defaultValue none */
  readonly isOwn?: Uint8Array | undefined
}

/** Something that the customer owns, to which an item is an accessory. */
export interface OwnedItem {
  readonly ownedRow: number
  /** When it was bought: days since 1970-01-01 UTC. */
  readonly day: number
}

/** What a policy needs to know beside the candidates. */
export interface PolicyContext {
  /** Most items wanted, 0 or more. */
  readonly k: number
  /** Time of the question, milliseconds since 1970-01-01 UTC. */
  readonly asOfMs: number
  readonly attributes: ItemAttributes
  /** `policy.filter` resolved, where that was done before; a row beyond its end is not allowed. @defaultValue resolved here */
  readonly filterFlags?: Uint8Array | undefined
  /** By item row, 1 for items that can be sold. @defaultValue `attributes.offerable` */
  readonly offerable?: Uint8Array | undefined
  /** By item row, 1 for what a durable of the customer speaks against; a row beyond its end is not. @defaultValue none */
  readonly suppressed?: Uint8Array | undefined
  /** By item row, how much each is bought by everybody, 0 or more; a gift leans on it, and it parts equals. @defaultValue none */
  readonly popularity?: Float32Array | undefined
  /** By item row, when the customer was last shown it, milliseconds since 1970-01-01 UTC. @defaultValue none */
  readonly lastShownMs?: ReadonlyMap<number, number> | undefined
  /** By item row, what the customer owns that it is an accessory of. @defaultValue none */
  readonly accessoryOf?: ReadonlyMap<number, OwnedItem> | undefined
  /** Vector of an item, for how alike two are; items without one are compared by category. @defaultValue none has one */
  readonly vectorOf?: ((itemRow: number) => Float32Array | undefined) | undefined
}
