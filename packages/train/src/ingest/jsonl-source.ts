import { RecommenderError } from '@perennial/core'
import type { BrokenRow, RowBatch, RowSource } from './row-source.ts'
import type { TextBlock } from './text-blocks.ts'
import { openTextSource, type TextSourceOptions } from './text-source.ts'
import { valueToText } from './value-text.ts'

/**
 * Opens a file with one JSON object a line. The columns are the keys of the objects near its start.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is missing, empty, or starts with no object.
 */
export async function openJsonlSource(
  file: string,
  options: TextSourceOptions,
): Promise<RowSource> {
  const text = await openTextSource(file, options)
  const records = text.head.map(parseObject).filter((record) => record !== undefined)
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))]
  if (columns.length === 0) {
    const start = text.head.find((line) => line.trim() !== '') ?? ''
    throw new RecommenderError(
      'INVALID_INPUT',
      `${file}, line 1: expected one JSON object a line, got '${start.slice(0, 80)}'. Write it as JSON Lines, or use --format csv.`,
    )
  }
  return {
    file,
    format: 'jsonl',
    columns,
    encoding: text.encoding,
    delimiter: null,
    readBatches: (needed) => readObjects(text.readBlocks(), columns, needed),
  }
}

async function* readObjects(
  blocks: AsyncIterable<TextBlock>,
  columns: readonly string[],
  needed: readonly number[],
): AsyncGenerator<RowBatch> {
  for await (const { text, firstLine } of blocks) {
    const rows: string[][] = []
    const rowNumbers: number[] = []
    const broken: BrokenRow[] = []
    text.split('\n').forEach((line, i) => {
      if (line.trim() === '') return
      const row = firstLine + i
      const record = parseObject(line)
      if (record === undefined) {
        broken.push({ row, reason: 'brokenJson', column: null, value: line })
        return
      }
      const values = new Array<string>(columns.length).fill('')
      for (const at of needed) values[at] = valueToText(record[columns[at] as string])
      rows.push(values)
      rowNumbers.push(row)
    })
    yield { rows, rowNumbers, broken }
  }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  if (line.trim() === '') return undefined
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
