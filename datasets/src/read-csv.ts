import { once } from 'node:events'
import { RecommenderError } from '@perennial/core'
import { parse } from 'fast-csv'

/**
 * Returns the rows of a CSV text as values, without its header line.
 *
 * A line without quotes has nothing to unquote and is split at its commas, which is several times as
 * fast; fast-csv parses the others.
 *
 * @throws {@link RecommenderError} `DATASET_MISMATCH` if a quoted value spans lines.
 */
export async function readCsv(content: Buffer, fileName: string): Promise<string[][]> {
  const lines = content.toString('utf8').split(/\r?\n/)
  const rows: string[][] = []
  const quotedAt: number[] = []
  const quoted: string[] = []
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string
    if (line === '') continue
    if (line.includes('"')) {
      quotedAt.push(rows.length)
      quoted.push(line)
    }
    rows.push(line.split(','))
  }
  const parsed = await parseLines(quoted)
  if (parsed.length !== quoted.length) {
    throw new RecommenderError(
      'DATASET_MISMATCH',
      `Expected every row of ${fileName} on one line, got ${parsed.length} rows in ${quoted.length} lines with quotes.`,
    )
  }
  parsed.forEach((row, i) => {
    rows[quotedAt[i] as number] = row
  })
  return rows
}

async function parseLines(lines: readonly string[]): Promise<string[][]> {
  if (lines.length === 0) return []
  const rows: string[][] = []
  const stream = parse<string[], string[]>({ headers: false })
  stream.on('data', (row: string[]) => rows.push(row))
  const ended = once(stream, 'end')
  stream.end(lines.join('\n'))
  await ended
  return rows
}
