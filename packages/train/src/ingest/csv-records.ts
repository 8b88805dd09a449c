import { parse } from 'fast-csv'
import type { BrokenRow, RowBatch } from './row-source.ts'
import type { TextBlock } from './text-blocks.ts'

/** A quoted value may span this many lines; beyond, its quote is taken for a stray one. */
const MAX_RECORD_LINES = 1000

/** Options of {@link readCsvRecords}. */
export interface CsvRecordsOptions {
  readonly delimiter: string
  /** Values of a whole record; a record of several lines with another number has a stray quote. */
  readonly numColumns: number
}

/**
 * Splits blocks of lines into records. Empty lines are skipped.
 *
 * fast-csv parses every line in which a value starts with a quote. Other lines hold no quoting, so they
 * are split at the delimiter, which gives the same values several times as fast.
 * A line whose quotes do not match is broken by itself: reading goes on with the line after it.
 */
export async function* readCsvRecords(
  blocks: AsyncIterable<TextBlock>,
  { delimiter, numColumns }: CsvRecordsOptions,
): AsyncGenerator<RowBatch> {
  const startsQuoted = new RegExp(`(?:^|${escapePattern(delimiter)})\\s*"`)
  const reader = createLineReader()
  let open: string[] = []

  /** Reads all lines there are; a record that still waits for its closing quote stays in `open`. */
  const collect = async (batch: Batch): Promise<void> => {
    for (let line = reader.next(); line !== undefined; line = reader.next()) {
      if (open.length > 0) {
        open.push(line)
        if (!endsInQuotes(line, delimiter, true)) await closeRecord(batch)
        else if (open.length >= MAX_RECORD_LINES) breakRecord(batch)
      } else if (line === '') {
        // An empty line is no row.
      } else if (line.includes('"') && startsQuoted.test(line)) {
        if (endsInQuotes(line, delimiter, false)) open = [line]
        else {
          batch.quoted.push(batch.rows.length)
          batch.rows.push([line])
          batch.rowNumbers.push(reader.lineNumber())
        }
      } else {
        batch.rows.push(line.split(delimiter))
        batch.rowNumbers.push(reader.lineNumber())
      }
    }
  }

  const closeRecord = async (batch: Batch): Promise<void> => {
    const [values] = await parseQuoted([open.join('\n')], delimiter)
    if (values?.length !== numColumns) return breakRecord(batch)
    batch.rows.push(values)
    batch.rowNumbers.push(reader.lineNumber() - open.length + 1)
    open = []
  }

  /** Gives up on the first line of the open record and reads its other lines afresh. */
  const breakRecord = (batch: Batch): void => {
    const [first, ...others] = open as [string, ...string[]]
    batch.broken.push(describeBroken(reader.lineNumber() - others.length, first))
    open = []
    reader.putBack(others)
  }

  for await (const { text } of blocks) {
    const batch = createBatch()
    reader.add(text)
    await collect(batch)
    yield await parseBatch(batch, delimiter)
  }
  while (open.length > 0) {
    const batch = createBatch()
    breakRecord(batch)
    await collect(batch)
    yield await parseBatch(batch, delimiter)
  }
}

interface Batch {
  /** Values; of a quoted record its one line. */
  readonly rows: string[][]
  readonly rowNumbers: number[]
  /** Positions in `rows` of lines that fast-csv must parse. */
  readonly quoted: number[]
  readonly broken: BrokenRow[]
}

function createBatch(): Batch {
  return { rows: [], rowNumbers: [], quoted: [], broken: [] }
}

async function parseBatch(batch: Batch, delimiter: string): Promise<RowBatch> {
  const { rows, rowNumbers, quoted, broken } = batch
  if (quoted.length === 0) return batch
  const lines = quoted.map((at) => rows[at]?.[0] as string)
  const parsed = await parseQuoted(lines, delimiter)
  const isBroken = new Set<number>()
  quoted.forEach((at, i) => {
    const values = parsed[i]
    if (values !== undefined) rows[at] = values
    else {
      isBroken.add(at)
      broken.push(describeBroken(rowNumbers[at] as number, lines[i] as string))
    }
  })
  if (isBroken.size === 0) return batch
  return {
    rows: rows.filter((_, at) => !isBroken.has(at)),
    rowNumbers: rowNumbers.filter((_, at) => !isBroken.has(at)),
    broken,
  }
}

/** Parses records with fast-csv; a record that it refuses gives `undefined`, found by halving. */
async function parseQuoted(
  records: readonly string[],
  delimiter: string,
): Promise<(string[] | undefined)[]> {
  const stream = parse<string[], string[]>({ headers: false, delimiter })
  stream.end(records.join('\n'))
  const rows = await stream.toArray().catch(() => [])
  if (rows.length === records.length) return rows
  if (records.length === 1) return [undefined]
  const middle = records.length >> 1
  return [
    ...(await parseQuoted(records.slice(0, middle), delimiter)),
    ...(await parseQuoted(records.slice(middle), delimiter)),
  ]
}

/** Gives out lines one by one and takes some back. */
function createLineReader(): {
  add(text: string): void
  next(): string | undefined
  putBack(lines: readonly string[]): void
  lineNumber(): number
} {
  let text = ''
  let at = 0
  let lineNumber = 0
  const again: string[] = []
  return {
    add: (added) => {
      text = added
      at = 0
    },
    next: () => {
      const repeated = again.pop()
      if (repeated === undefined && at >= text.length) return undefined
      lineNumber++
      if (repeated !== undefined) return repeated
      const start = at
      const end = text.indexOf('\n', at)
      at = end + 1
      return text.slice(start, end)
    },
    putBack: (lines) => {
      lineNumber -= lines.length
      again.push(...[...lines].reverse())
    },
    lineNumber: () => lineNumber,
  }
}

/** Tells whether a quoted value is still open at the end of a line. A quote opens only where a value starts. */
function endsInQuotes(line: string, delimiter: string, startsInQuotes: boolean): boolean {
  let isInside = startsInQuotes
  for (let at = 0; ; at++) {
    if (!isInside) {
      while (line[at] !== delimiter && /\s/.test(line[at] ?? '')) at++
      if (line[at] === '"') {
        isInside = true
        at++
      }
    }
    if (isInside) {
      at = line.indexOf('"', at)
      while (at >= 0 && line[at + 1] === '"') at = line.indexOf('"', at + 2)
      if (at < 0) return true
      isInside = false
    }
    at = line.indexOf(delimiter, at)
    if (at < 0) return false
  }
}

function describeBroken(row: number, value: string): BrokenRow {
  return { row, reason: 'brokenQuotes', column: null, value }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
