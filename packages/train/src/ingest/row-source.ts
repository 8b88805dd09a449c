import type { RowReason } from './row-reasons.ts'

/** File formats that ingest reads. */
export const INPUT_FORMATS = ['csv', 'jsonl', 'parquet'] as const

/** One of {@link INPUT_FORMATS}. */
export type InputFormat = (typeof INPUT_FORMATS)[number]

/** Some rows of a file, in file order. */
export interface RowBatch {
  /** Values as text, in the order of the columns. */
  readonly rows: readonly (readonly string[])[]
  /** 1-based line (Parquet: row) of each entry of `rows`. */
  readonly rowNumbers: readonly number[]
  /** Rows that have no values because they cannot be parsed. */
  readonly broken: readonly BrokenRow[]
}

/** A row that cannot be parsed. */
export interface BrokenRow {
  readonly row: number
  readonly reason: RowReason
  readonly column: string | null
  readonly value: string
}

/** An input file as rows of text. */
export interface RowSource {
  readonly file: string
  readonly format: InputFormat
  /** Column names in file order. */
  readonly columns: readonly string[]
  /** Text encoding, or `null` for Parquet. */
  readonly encoding: string | null
  /** What separates the values of a row, or `null` when the format has no delimiter. */
  readonly delimiter: string | null
  /**
   * Reads the rows once, from the first.
   *
   * @param needed - Positions of the columns whose values are wanted; others may stay empty.
   */
  readBatches(needed: readonly number[]): AsyncGenerator<RowBatch>
}
