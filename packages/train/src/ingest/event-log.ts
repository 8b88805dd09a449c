const CHUNK_BITS = 18
const CHUNK_ROWS = 1 << CHUNK_BITS
const CHUNK_MASK = CHUNK_ROWS - 1

/** One event as the log keeps it. */
export interface LoggedEvent {
  userRow: number
  /** 0-based. */
  itemRow: number
  timestampMs: number
  quantity: number
  /** NaN when unknown. */
  price: number
  eventType: number
  currency: number
  /** Hash of the order id, 0 without one. */
  orderHash: number
  /** Line of the input file. */
  sourceRow: number
}

/** Columns of the log, 34 bytes an event. */
const COLUMN_TYPES = {
  userRow: Int32Array,
  itemRow: Int32Array,
  timestampMs: Float64Array,
  quantity: Float32Array,
  price: Float32Array,
  eventType: Uint8Array,
  currency: Uint8Array,
  orderHash: Int32Array,
  sourceRow: Uint32Array,
} as const

type Chunk = { -readonly [K in keyof typeof COLUMN_TYPES]: InstanceType<(typeof COLUMN_TYPES)[K]> }

/** Events in input order, in typed arrays of a quarter million rows so that growing copies nothing. */
export class EventLog {
  readonly #chunks: Chunk[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(event: LoggedEvent): void {
    const at = this.#length & CHUNK_MASK
    if (at === 0) this.#chunks.push(createChunk())
    const chunk = this.#chunks[this.#length >>> CHUNK_BITS] as Chunk
    chunk.userRow[at] = event.userRow
    chunk.itemRow[at] = event.itemRow
    chunk.timestampMs[at] = event.timestampMs
    chunk.quantity[at] = event.quantity
    chunk.price[at] = event.price
    chunk.eventType[at] = event.eventType
    chunk.currency[at] = event.currency
    chunk.orderHash[at] = event.orderHash
    chunk.sourceRow[at] = event.sourceRow
    this.#length++
  }

  /** Returns one value of the event at position `i` of the input order. */
  at(column: keyof LoggedEvent, i: number): number {
    const chunk = this.#chunks[i >>> CHUNK_BITS] as Chunk
    return chunk[column][i & CHUNK_MASK] as number
  }

  /** Fills `target[j]` with the value of a column at position `order[j]`, and returns it. */
  gather<T extends Int32Array | Float64Array | Float32Array | Uint8Array>(
    column: keyof LoggedEvent,
    order: Int32Array,
    target: T,
  ): T {
    const parts = this.#chunks.map((chunk) => chunk[column])
    for (let j = 0; j < order.length; j++) {
      const i = order[j] as number
      target[j] = parts[i >>> CHUNK_BITS]?.[i & CHUNK_MASK] as number
    }
    return target
  }

  /** Frees a column that is no longer needed. */
  release(column: keyof LoggedEvent): void {
    for (const chunk of this.#chunks)
      (chunk as Record<string, unknown>)[column] = new COLUMN_TYPES[column](0)
  }
}

function createChunk(): Chunk {
  const columns = Object.entries(COLUMN_TYPES).map(([name, Type]) => [name, new Type(CHUNK_ROWS)])
  return Object.fromEntries(columns) as Chunk
}
