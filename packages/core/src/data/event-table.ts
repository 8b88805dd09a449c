/**
 * Checked events as parallel columns, one entry an event, sorted by user row, then time, then input order.
 */
export interface EventTable {
  /** External user ids by user row, `0..numUsers-1`. */
  readonly userIds: readonly string[]
  /** External item ids by item row; row 0 is padding and holds `''`, items are `1..numItems`. */
  readonly itemIds: readonly string[]
  /** Names of the event types that `eventTypes` numbers, for example `purchase`. */
  readonly eventTypeNames: readonly string[]
  /** ISO 4217 code of `prices`, or `null` when unknown or mixed. */
  readonly currency: string | null
  readonly userRows: Int32Array
  readonly itemRows: Int32Array
  /** Milliseconds since 1970-01-01 UTC. */
  readonly timestampMs: Float64Array
  /** Units bought, above 0. */
  readonly quantities: Float32Array
  /** Price of one unit; NaN when unknown. */
  readonly prices: Float32Array
  /** Positions in `eventTypeNames`. */
  readonly eventTypes: Uint8Array
}
