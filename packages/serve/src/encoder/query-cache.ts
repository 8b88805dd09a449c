import { checkInteger, type SearchResult } from '@perennial/core'
import { LRUCache } from 'lru-cache'
import type { Availability } from '../items/availability.ts'

/** Queries of one state of a user's history. */
export interface CachedQueries {
  /** Shape `[dim]`: encodes the whole history. */
  readonly query: Float32Array
  /** The same without each of its newest items in turn; absent until reasons were asked for. */
  readonly occludedQueries?: readonly Float32Array[] | undefined
  /** Items nearest to the query; absent until they were searched for. */
  readonly nearest?: NearestItems | undefined
}

/** Items nearest to a query, and what they were found among. */
export interface NearestItems {
  readonly found: SearchResult
  /** How many were asked for. */
  readonly count: number
  readonly availability: Availability
  /** Version of the vectors of new items. */
  readonly vectorVersion: number
}

/** What a query depends on beside the network. */
export interface QueryKey {
  readonly userId: string
  /** Version of his history; see `HistoryStore`. */
  readonly version: number
  /** Events that the network sees, since later ones are left out. */
  readonly numUsed: number
  /** Time of the first of them, since old events may be left out by then; 0 without one. */
  readonly firstMs: number
  /** Time of the question in seconds where the network uses times, else 0. */
  readonly askedSeconds: number
  /** Version of the vectors of new items where the history holds one, else 0. */
  readonly vectorVersion: number
}

/** Queries of users by the version of their history. */
export interface QueryCache {
  /** Returns what was set for this state of the user, or `undefined`. */
  get(key: QueryKey): CachedQueries | undefined
  /** Rises whenever a user is forgotten. */
  readonly generation: number
  /**
   * Keeps queries in place of those of another state of the user; nothing is kept if a user was forgotten since
   * `generation` was read, since it may have been this one.
   */
  set(key: QueryKey, queries: CachedQueries, generation: number): void
  /** Forgets a user. */
  delete(userId: string): boolean
  readonly numUsers: number
  readonly numHits: number
  readonly numMisses: number
}

/**
 * Creates a cache of the users asked for last; an event changes a user's version, so that what was cached before no
 * longer answers.
 *
 * @param maxUsers - Users kept, 0 or more; 0 keeps none.
 * @throws {@link RecommenderError} `INVALID_OPTION`.
 */
export function createQueryCache(maxUsers: number): QueryCache {
  checkInteger('maxCachedUsers', maxUsers, 0)
  const entries =
    maxUsers === 0
      ? undefined
      : new LRUCache<string, { readonly key: QueryKey; readonly queries: CachedQueries }>({
          max: maxUsers,
        })
  let numHits = 0
  let numMisses = 0
  let generation = 0
  return {
    get: (key) => {
      const entry = entries?.get(key.userId)
      if (entry !== undefined && isSame(entry.key, key)) {
        numHits++
        return entry.queries
      }
      numMisses++
      return undefined
    },
    get generation() {
      return generation
    },
    set: (key, queries, since) => {
      if (since === generation) entries?.set(key.userId, { key, queries })
    },
    delete: (userId) => {
      generation++
      return entries?.delete(userId) ?? false
    },
    get numUsers() {
      return entries?.size ?? 0
    },
    get numHits() {
      return numHits
    },
    get numMisses() {
      return numMisses
    },
  }
}

function isSame(a: QueryKey, b: QueryKey): boolean {
  return (
    a.version === b.version &&
    a.numUsed === b.numUsed &&
    a.firstMs === b.firstMs &&
    a.askedSeconds === b.askedSeconds &&
    a.vectorVersion === b.vectorVersion
  )
}
