import { checkInteger } from '@perennial/core'

/** One purchase as a store keeps it. */
export interface StoredEvent {
  readonly itemId: string
  /** Milliseconds since 1970-01-01 UTC. */
  readonly timestampMs: number
  /** Units bought. */
  readonly quantity: number
  /** The sender's id of the event; the same id is stored once. */
  readonly eventId?: string | undefined
}

/** What became of an event: stored, known already, or older than all that a full history holds. */
export type AddResult = 'added' | 'duplicate' | 'too-old'

/** Purchases by user. */
export interface HistoryStore {
  /** Stores one event of a user at its place in time; among equal times the last added is the newest. */
  add(userId: string, event: StoredEvent): AddResult
  /** Returns the events of a user, oldest first; empty for a user never seen. */
  read(userId: string): readonly StoredEvent[]
  readonly numUsers: number
}

/** Options of {@link createMemoryHistoryStore}. */
export interface MemoryHistoryStoreOptions {
  /** Most events kept a user, 1 or more; the oldest are dropped. @defaultValue 20,000 */
  readonly maxEventsPerUser?: number | undefined
}

/**
 * Creates a store that is kept in memory; gone at restart.
 *
 * An event id is recognised as long as its event is kept.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`.
 */
export function createMemoryHistoryStore({
  maxEventsPerUser = 20_000,
}: MemoryHistoryStoreOptions = {}): HistoryStore {
  checkInteger('maxEventsPerUser', maxEventsPerUser, 1)
  const eventsByUser = new Map<string, StoredEvent[]>()

  function add(userId: string, event: StoredEvent): AddResult {
    const events = eventsByUser.get(userId) ?? []
    const { eventId, timestampMs } = event
    if (eventId !== undefined && events.some((known) => known.eventId === eventId)) {
      return 'duplicate'
    }
    const position = events.findLastIndex((known) => known.timestampMs <= timestampMs) + 1
    const isFull = events.length === maxEventsPerUser
    if (isFull && position === 0) return 'too-old'
    events.splice(position, 0, event)
    if (isFull) events.shift()
    eventsByUser.set(userId, events)
    return 'added'
  }

  return {
    add,
    read: (userId) => eventsByUser.get(userId) ?? [],
    get numUsers() {
      return eventsByUser.size
    },
  }
}
