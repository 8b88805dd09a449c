import { RecommenderError } from '@perennial/core'
import { readCsvRecords } from './csv-records.ts'
import type { RowBatch, RowSource } from './row-source.ts'
import { openTextSource, type TextSourceOptions } from './text-source.ts'

/** Delimiters that are guessed, the likeliest first. */
const DELIMITERS = [',', ';', '\t', '|'] as const

/** Options of {@link openCsvSource}. */
export interface CsvSourceOptions extends TextSourceOptions {
  /** One character. @defaultValue the one of comma, semicolon, tab and bar that the header has most of */
  readonly delimiter?: string | undefined
}

/**
 * Opens a CSV file with a header line.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is missing, empty, not text, or its header
 * cannot be read; `INVALID_OPTION` if the delimiter is not one character.
 */
export async function openCsvSource(
  file: string,
  { delimiter: named, ...textOptions }: CsvSourceOptions,
): Promise<RowSource> {
  if (named !== undefined && (named.length !== 1 || named === '"')) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`delimiter\` (--delimiter) to be one character such as ; got '${named}'.`,
    )
  }
  const text = await openTextSource(file, textOptions)
  const firstLine = text.head.find((line) => line !== '') ?? ''
  const delimiter = named ?? guessDelimiter(firstLine)
  const columns = await readHeader(file, firstLine, delimiter)
  return {
    file,
    format: 'csv',
    columns,
    encoding: text.encoding,
    delimiter,
    readBatches: () =>
      skipHeader(readCsvRecords(text.readBlocks(), { delimiter, numColumns: columns.length })),
  }
}

/** Returns the likely delimiter that occurs most outside quotes. */
function guessDelimiter(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '')
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string
}

async function readHeader(file: string, line: string, delimiter: string): Promise<string[]> {
  async function* oneLine(): AsyncGenerator<{ text: string; firstLine: number }> {
    yield { text: `${line}\n`, firstLine: 1 }
  }
  for await (const { rows } of readCsvRecords(oneLine(), { delimiter, numColumns: 0 })) {
    if (rows[0] !== undefined) return rows[0].map((name) => name.trim())
  }
  throw new RecommenderError(
    'INVALID_INPUT',
    `${file}, line 1: the quotes in the header do not match ('${line.slice(0, 80)}'). Write the column names on one line.`,
  )
}

async function* skipHeader(batches: AsyncGenerator<RowBatch>): AsyncGenerator<RowBatch> {
  let isFirst = true
  for await (const batch of batches) {
    if (isFirst && batch.rows.length > 0) {
      isFirst = false
      yield { ...batch, rows: batch.rows.slice(1), rowNumbers: batch.rowNumbers.slice(1) }
    } else {
      yield batch
    }
  }
}
