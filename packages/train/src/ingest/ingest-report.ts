import type { ResolvedMapping } from './column-mapping.ts'
import type { EventStatistics } from './event-statistics.ts'
import type { ReadFile } from './read-events.ts'
import type { DroppedRows } from './row-tally.ts'

/** File names that ingest writes beside the data set. */
export const REPORT_FILES = { json: 'report.json', html: 'report.html' } as const

/** What was read, kept and left out, and why. `numRows = numKept + sum of dropped counts`. */
export interface IngestReport {
  readonly createdAt: string
  /** Rows read, without headers and empty lines. */
  readonly numRows: number
  readonly numKept: number
  /** Rows that cannot be read first, then those that a rule leaves out. */
  readonly dropped: readonly DroppedRows[]
  readonly files: readonly ReadFile[]
  readonly mapping: ResolvedMapping
  readonly timeZone: string | null
  readonly currency: string | null
  /** What parts category levels, or `null` for one level or no categories. */
  readonly categorySeparator: string | null
  readonly statistics: EventStatistics
}
