/** One purchase as a store keeps it. */
export interface StoredEvent {
  readonly itemId: string
  /** Milliseconds since 1970-01-01 UTC. */
  readonly timestampMs: number
  /** Units bought. */
  readonly quantity: number
  /** The sender's id of the event; the same id is stored once. Stores keep a hash of it, so a history has none. */
  readonly eventId?: string | undefined
}

/** What became of an event: stored, known already, or older than what the limits keep. */
export type AppendResult = 'added' | 'duplicate' | 'too-old'

/** What is known of one user. */
export interface UserHistory {
  /**
   * Changes whenever `events` do, and never comes back to an earlier value, not even after an erasure; 0 for a user never
   * seen. Only what the age limit lets go drops out of `events` without a new version.
   */
  readonly version: number
  /** Oldest first; among equal times the last added is the newest. */
  readonly events: readonly StoredEvent[]
  /** When items were last shown to the user, milliseconds since 1970-01-01 UTC, by item id. */
  readonly shown: ReadonlyMap<string, number>
}

/** How much of a user is kept. */
export interface HistoryLimits {
  /** Most events a user, 1 or more; the oldest are dropped. */
  readonly maxEventsPerUser: number
  /** Age in days, by the clock of the process, from which events and shown items are dropped; `Infinity` keeps all. */
  readonly maxAgeDays: number
  /** Most items a user of which it is kept when they were shown; those shown longest ago are dropped. */
  readonly maxShownPerUser: number
}

/** What an erasure removed. */
export interface ErasedHistory {
  readonly numEvents: number
  readonly numShown: number
}

/** Size of a store. */
export interface HistoryStatistics {
  readonly numUsers: number
  readonly numEvents: number
  /** Bytes in memory, on disk or in the server, as the store can tell. */
  readonly bytes: number
}

/** A user's history under the pseudonym that training knows him by. */
export interface PseudonymousHistory {
  /** `customerKey(userId)` of core. */
  readonly customerKey: bigint
  readonly events: readonly StoredEvent[]
}

/**
 * Purchases by user, in one namespace. What a promise acknowledges survives a crash of the process.
 *
 * No store keeps a user id as it came: keys are hashes of the id, and each namespace has its own.
 */
export interface HistoryStore {
  readonly kind: 'memory' | 'lmdb' | 'redis'
  readonly limits: HistoryLimits
  /** Stores events of a user at their places in time, all or none; returns what became of each, in their order. */
  append(userId: string, events: readonly StoredEvent[]): Promise<AppendResult[]>
  /** Returns what is known of a user; version 0 and nothing else for one never seen. */
  read(userId: string): Promise<UserHistory>
  /** Keeps that items were shown to a user at a time; leaves `version` as it is. */
  markShown(userId: string, itemIds: readonly string[], timestampMs: number): Promise<void>
  /** Moves all of one user, an anonymous one perhaps, into another, and forgets the first; events of one id stay one. */
  merge(fromUserId: string, intoUserId: string): Promise<{ readonly numMoved: number }>
  /** Removes all of a user, and remembers his pseudonym and the time; see {@link HistoryStore.erasures}. */
  erase(userId: string): Promise<ErasedHistory>
  /** Returns when customers were erased, milliseconds since 1970-01-01 UTC, by `customerKey` of core. */
  erasures(): Promise<ReadonlyMap<bigint, number>>
  /** Goes over all users, in no order. What changes meanwhile may or may not be seen. */
  scan(): AsyncIterable<PseudonymousHistory>
  /** Drops what the age limit lets go, and rewrites files so that no byte of what was erased is left in them. */
  compact(): Promise<void>
  /** Returns how much is stored. */
  statistics(): Promise<HistoryStatistics>
  /** Ends the use of files and connections; what was acknowledged is kept. */
  close(): Promise<void>
}
