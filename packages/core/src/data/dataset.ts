import type { ItemCatalog } from './item-catalog.ts'
import type { Sequences } from './sequences.ts'

/** Everything that training reads: who the users are, what the items are, and what happened. */
export interface Dataset {
  /** External user ids by user row. */
  readonly userIds: readonly string[]
  readonly catalog: ItemCatalog
  readonly sequences: Sequences
  /**
   * `timestamp`: event times are real. `ordinal`: only the order is known, and one step counts as one
   * day, so that nothing which needs the calendar is computed from it by mistake.
   */
  readonly timeKind: 'timestamp' | 'ordinal'
  /** ISO 4217 code of prices, or `null`. */
  readonly currency: string | null
  /** Names of the event types that the sequences hold, where the source tells types apart. */
  readonly eventTypes?: readonly string[] | undefined
}
