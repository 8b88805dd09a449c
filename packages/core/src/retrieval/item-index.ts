/** The nearest items of one query, best first. */
export interface SearchResult {
  readonly itemRows: Int32Array
  /** Inner products with the query; same length as `itemRows`, not increasing. */
  readonly scores: Float32Array
}

/** Options of {@link ItemIndex.search}. */
export interface SearchOptions {
  /** Shape `[numItems + 1]`: items whose value is 0 are left out. @defaultValue every item */
  readonly allowed?: Uint8Array | undefined
}

/** A search structure over item vectors by inner product. */
export interface ItemIndex {
  readonly kind: 'exact' | 'hnsw'
  readonly numItems: number
  readonly dim: number
  /** Bytes the structure holds, vectors included. */
  readonly memoryBytes: number
  /**
   * Returns up to `k` items with the highest inner product, best first. Never returns row 0.
   *
   * @param query - Shape `[dim]`, finite.
   * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the query has another length or is not finite.
   */
  search(query: Float32Array, k: number, options?: SearchOptions): SearchResult
}
