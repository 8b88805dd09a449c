/** What a graph is made with. */
export interface GraphConfig {
  readonly dim: number
  readonly numNeighbors: number
  readonly buildWidth: number
  readonly searchWidth: number
  readonly seed: number
}

/** What the thread of a graph is started with. */
export interface HnswThreadSetup {
  readonly config: GraphConfig
  /** Vectors of rows `0..numItems`, float32. */
  readonly vectorsPath: string
  readonly numItems: number
  /** Rows left out. */
  readonly removed: readonly number[]
  /**
   * One int32, not 0 once the thread is to end. It must end by itself: native code from which it is torn out aborts the
   * process.
   */
  readonly stop: Int32Array<SharedArrayBuffer>
  /** Where the graph is read from if it is that of `key`, and else written to. */
  readonly graphFile?: { readonly path: string; readonly key: string } | undefined
}

/** A change of one item. */
export type GraphChange =
  | { readonly type: 'set'; readonly itemRow: number; readonly vector: Float32Array }
  | { readonly type: 'remove'; readonly itemRow: number }

/** What is asked of the thread. Only a search has an answer; `stop` wakes it to look at its flag. */
export type HnswRequest = GraphChange | HnswSearchRequest | { readonly type: 'stop' }

/** A search, answered with the same id. */
export interface HnswSearchRequest {
  readonly type: 'search'
  readonly id: number
  /** Shape `[dim]`, finite. */
  readonly query: Float32Array
  /** 1 or more. */
  readonly k: number
  /** Flags by item row, `[numItems + 1]`. */
  readonly allowed: Uint8Array | undefined
}

/** Answer to a search. */
export interface HnswAnswer {
  readonly id: number
  readonly itemRows: Int32Array
  readonly scores: Float32Array
}
