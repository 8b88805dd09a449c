/** What was erased of a user, and what remains until when. */
export interface ErasureReceipt {
  readonly receiptId: string
  /** RFC 3339 in UTC. */
  readonly erasedAt: string
  /** One entry a place. */
  readonly erased: readonly {
    readonly place: 'history-store' | 'query-cache' | 'lifecycle-state'
    /** For example "12 events and 3 shown items". */
    readonly what: string
  }[]
  /** What still reflects the user, and when it stops to. */
  readonly remaining: readonly {
    readonly place: 'model' | 'store-files'
    readonly what: string
    readonly until: string
  }[]
}

/** What became of a merge. */
export interface MergeReceipt {
  /** Events moved; those that the user had already are not counted. */
  readonly numMoved: number
}
