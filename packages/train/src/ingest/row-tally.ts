import { ROW_REASONS, type RowReason } from './row-reasons.ts'

const MAX_EXAMPLES = 5
const MAX_VALUE_LENGTH = 120

/** One row that was not kept. */
export interface RowExample {
  readonly file: string
  /** 1-based line of the file where the row starts; in Parquet the 1-based row. */
  readonly row: number
  /** Column that decided, or `null` when the row as a whole did. */
  readonly column: string | null
  /** What stood there, as text, cut at 120 characters. */
  readonly value: string
}

/** How many rows were not kept for one reason, and the first five of them. */
export interface DroppedRows {
  readonly reason: RowReason
  readonly kind: 'malformed' | 'rule'
  readonly label: string
  readonly wayOut: string
  readonly count: number
  /** Share of all rows read, `0..1`. */
  readonly share: number
  readonly examples: readonly RowExample[]
}

/** Counts rows that are not kept, by reason. */
export class RowTally {
  readonly #counts = new Map<RowReason, { count: number; examples: RowExample[] }>()
  #numMalformed = 0

  /** Rows counted so far that could not be read. */
  get numMalformed(): number {
    return this.#numMalformed
  }

  add(reason: RowReason, example: RowExample): void {
    const entry = this.#counts.get(reason) ?? { count: 0, examples: [] }
    if (entry.count === 0) this.#counts.set(reason, entry)
    entry.count++
    if (ROW_REASONS[reason].kind === 'malformed') this.#numMalformed++
    if (entry.examples.length < MAX_EXAMPLES) {
      entry.examples.push({ ...example, value: shorten(example.value) })
    }
  }

  /** Returns all reasons that occurred, malformed rows first, in the order in which rows are checked. */
  summarize(numRows: number): DroppedRows[] {
    return (Object.keys(ROW_REASONS) as RowReason[]).flatMap((reason) => {
      const entry = this.#counts.get(reason)
      if (entry === undefined) return []
      return [{ reason, ...ROW_REASONS[reason], ...entry, share: entry.count / numRows }]
    })
  }
}

function shorten(value: string): string {
  return value.length <= MAX_VALUE_LENGTH ? value : `${value.slice(0, MAX_VALUE_LENGTH - 1)}…`
}
