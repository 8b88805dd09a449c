import type { SearchOptions, SearchResult } from '@perennial/core'

/** Kinds of index: vectors as they are, in 12 bits a number, or a graph. */
export const VECTOR_INDEX_KINDS = ['exact-float32', 'exact-int8', 'hnsw'] as const

/** One of {@link VECTOR_INDEX_KINDS}. */
export type VectorIndexKind = (typeof VECTOR_INDEX_KINDS)[number]

/** What an index has done since it was made. */
export interface VectorIndexStatistics {
  /** Searches answered. */
  readonly numSearches: number
  /** Searches asked for and not yet answered, those that wait included. */
  readonly numPending: number
  /** Threads that search; 0 where the calling thread does. */
  readonly numThreads: number
  /** How often the index was built anew without its removed items. */
  readonly numRebuilds: number
}

/** What searches found, of those that were sampled. */
export interface SampledRecall {
  /** Mean share, over the searches, of the right items found: 0..1. */
  readonly recall: number
  /** Searches sampled. */
  readonly numSearches: number
}

/**
 * A search structure over item vectors by inner product that items can be added to and removed from.
 *
 * Searches run beside the event loop, except where a scan is over sooner than a thread would answer.
 */
export interface VectorIndex {
  readonly kind: VectorIndexKind
  /** Highest item row, removed items included. */
  readonly numItems: number
  /** Length of a vector. */
  readonly dim: number
  /** Bytes that the items take, vectors included. */
  readonly memoryBytes: number
  /** Removed items whose place is still taken. */
  readonly numTombstones: number
  /**
   * Finds up to `k` items with the highest inner product, best first; equal scores in order of item row.
   *
   * An item that is set or removed while a search is under way may be found as it was before, or after.
   *
   * @param query - Shape `[dim]`, finite. Not kept.
   * @throws {@link RecommenderError} (the promise rejects) `SHAPE_MISMATCH` if the query or `allowed` has another
   * length or the query is not finite; `INVALID_OPTION` if `k` is not an integer of 0 or more;
   * `INDEX_UNAVAILABLE` if a thread failed or the index is closed.
   */
  search(query: Float32Array, k: number, options?: SearchOptions): Promise<SearchResult>
  /**
   * Finds the same as {@link VectorIndex.search} would if it missed nothing, by comparing all that is kept of every item:
   * slow, and there to measure what a search misses.
   */
  searchExactly(query: Float32Array, k: number, options?: SearchOptions): Promise<SearchResult>
  /**
   * Writes the vector of an item into `target` from `offset` on, at the precision of the index; zeros for row 0.
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if there is no such row.
   */
  readVector(itemRow: number, target: Float32Array, offset?: number): void
  /**
   * Returns the inner product of a query and an item, the same number as {@link VectorIndex.search} gives (under `hnsw`, up to
   * rounding).
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if there is no such row; `SHAPE_MISMATCH`.
   */
  score(query: Float32Array, itemRow: number): number
  /**
   * Adds an item as the row after the last, replaces its vector, or brings it back after it was removed.
   *
   * @param itemRow - `1..numItems + 1`.
   * @param vector - Shape `[dim]`, finite. Copied.
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if the row is out of range; `SHAPE_MISMATCH`; `OUT_OF_MEMORY`.
   */
  set(itemRow: number, vector: Float32Array): void
  /**
   * Leaves an item out of every later search; its row stays. Does nothing when it was removed before.
   *
   * @throws {@link RecommenderError} `UNKNOWN_ITEM` if there is no such row.
   */
  remove(itemRow: number): void
  statistics(): VectorIndexStatistics
  /** Returns what sampled searches found of the best items; `undefined` where none was sampled yet. */
  sampledRecall?(): SampledRecall | undefined
  /** Stops the threads. Searches under way are rejected with `INDEX_UNAVAILABLE`; closing twice is no error. */
  close(): Promise<void>
}
