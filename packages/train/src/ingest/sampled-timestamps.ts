import { RecommenderError } from '@perennial/core'
import { COLUMN_FLAGS } from './column-mapping.ts'
import type { RowBatch } from './row-source.ts'
import type { ZoneClock } from './time-zone.ts'
import { guessTimestampFormat } from './timestamp-format.ts'
import { createReader } from './timestamp-parser.ts'

/** Options of {@link resolveTimestampFormat}. */
export interface ResolveTimestampFormatOptions {
  readonly file: string
  /** The column of times. */
  readonly column: string
  readonly position: number
  /** Format named by the caller. */
  readonly format?: string | undefined
  readonly clock?: ZoneClock | undefined
}

/**
 * Returns the time format of a file, from the first rows if none is named.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if day and month cannot be told apart or the format is
 * unknown; `INVALID_OPTION` if times carry no offset and no zone is named.
 */
export function resolveTimestampFormat(
  sample: readonly RowBatch[],
  { file, column, position, format: named, clock }: ResolveTimestampFormatOptions,
): string {
  const texts: string[] = []
  const rowNumbers: number[] = []
  for (const batch of sample) {
    batch.rows.forEach((values, i) => {
      const text = values[position]?.trim() ?? ''
      if (text === '') return
      texts.push(text)
      rowNumbers.push(batch.rowNumbers[i] as number)
    })
  }
  const describe = (at: number): string =>
    `${file}, line ${rowNumbers[at]}, column '${column}': the time '${texts[at]}'`
  const format = named ?? guess(texts, describe)
  const read = createReader(format)
  const local = texts.findIndex((text) => {
    const time = read(text)
    return time.isLocal && !Number.isNaN(time.ms)
  })
  if (local < 0 || clock !== undefined) return format
  throw new RecommenderError(
    'INVALID_OPTION',
    `${describe(local)} carries no offset from UTC. Name the zone it was written in with --time-zone, for example --time-zone Europe/London, or --time-zone UTC.`,
  )
}

function guess(texts: readonly string[], describe: (at: number) => string): string {
  if (texts.length === 0) return 'iso'
  const found = guessTimestampFormat(texts)
  if (found.kind === 'found') return found.format
  if (found.kind === 'unknown') {
    throw new RecommenderError(
      'INVALID_INPUT',
      `${describe(found.at)} is of no known format. Name it with --timestamp-format, for example "dd MMM yyyy HH:mm", or name another column with ${COLUMN_FLAGS.timestamp}.`,
    )
  }
  const [dayFirst, monthFirst] = found.formats
  throw new RecommenderError(
    'INVALID_INPUT',
    `${describe(found.at)} does not say which number is the day. Use --timestamp-format "${dayFirst}" or --timestamp-format "${monthFirst}".`,
  )
}
