import { checkChoice } from '@perennial/core'
import { fileSize } from './byte-stream.ts'
import { type CsvSourceOptions, openCsvSource } from './csv-source.ts'
import { openJsonlSource } from './jsonl-source.ts'
import { openParquetSource } from './parquet-source.ts'
import { INPUT_FORMATS, type InputFormat, type RowSource } from './row-source.ts'

/** Options of {@link openRowSource}. */
export interface RowSourceOptions extends CsvSourceOptions {
  /** @defaultValue guessed from the name: `.parquet`, `.jsonl` or `.ndjson`, else `csv` */
  readonly format?: InputFormat | undefined
}

/**
 * Opens an input file as rows.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is missing or is not of its format.
 */
export async function openRowSource(
  file: string,
  { format = guessFormat(file), ...options }: RowSourceOptions,
): Promise<RowSource> {
  checkChoice('format', format, INPUT_FORMATS)
  await fileSize(file)
  if (format === 'parquet') return openParquetSource(file, options)
  return format === 'jsonl' ? openJsonlSource(file, options) : openCsvSource(file, options)
}

function guessFormat(file: string): InputFormat {
  const name = file.toLowerCase().replace(/\.gz$/, '')
  if (name.endsWith('.parquet')) return 'parquet'
  return /\.(jsonl|ndjson)$/.test(name) ? 'jsonl' : 'csv'
}
