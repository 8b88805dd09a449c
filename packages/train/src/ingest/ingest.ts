import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DATASET_FILES,
  type ItemRecord,
  RecommenderError,
  replaceFolder,
  writeEventsFile,
  writeItemsFile,
} from '@perennial/core'
import { type BuiltEvents, buildEventTable } from './build-event-table.ts'
import { computeEventStatistics } from './event-statistics.ts'
import { type IngestOptions, resolveIngestOptions } from './ingest-options.ts'
import { type IngestReport, REPORT_FILES } from './ingest-report.ts'
import { buildItemRecords, guessCategorySeparator, type ItemDetails } from './item-records.ts'
import { type ReadEvents, readEvents } from './read-events.ts'
import { readItemsTable } from './read-items-table.ts'
import { renderHtmlReport } from './report-html.ts'
import type { DroppedRows } from './row-tally.ts'
import { createZoneClock } from './time-zone.ts'

/**
 * Reads a merchant's event files and writes `events.arrow`, `items.arrow`, `report.json` and `report.html`.
 *
 * A row that is not kept is counted, with examples, in the report that this returns. The output folder is
 * replaced as a whole at the end, so a run that fails or is killed leaves the previous one as it was.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` or `INVALID_INPUT` with file, row, column and way out if
 * a file cannot be read; `TOO_MANY_BAD_ROWS` if more than `maxBadShare` of the rows cannot be read.
 */
export async function ingest(options: IngestOptions): Promise<IngestReport> {
  const { inputs, output, signal, onProgress } = options
  const config = await resolveIngestOptions(options)
  await checkOutput(output)
  const clock = config.timeZone === undefined ? undefined : createZoneClock(config.timeZone)
  const details =
    config.itemsFile === undefined
      ? new Map<string, ItemDetails>()
      : await readItemsTable(config.itemsFile, config, signal)
  const read = await readEvents({ inputs, config, clock, signal, onProgress })
  const { collector, mapping, files } = read
  const { numRows } = collector
  checkBadRows(read, config.maxBadShare)

  onProgress?.({ phase: 'sort', ...read.bytes, numRows })
  const built = buildEventTable(collector, {
    currency: config.currency,
    currencyColumn: mapping.currency?.column ?? null,
    keepDuplicates: config.keepDuplicates,
  })
  const numKept = built.events.userRows.length
  const dropped = collector.tally.summarize(numRows)
  checkNotEmpty(numKept, numRows, dropped, inputs)

  const categories = [...collector.categories, ...Array.from(details.values(), (d) => d.category)]
  const categorySeparator = config.categorySeparator ?? guessCategorySeparator(categories)
  const report: IngestReport = {
    createdAt: new Date().toISOString(),
    numRows,
    numKept,
    dropped,
    files,
    mapping,
    timeZone: config.timeZone ?? null,
    currency: built.events.currency,
    categorySeparator,
    statistics: computeEventStatistics(built.events, clock),
  }
  const items = buildItemRecords(collector, built, { details, categorySeparator })
  signal?.throwIfAborted()
  onProgress?.({ phase: 'write', ...read.bytes, numRows })
  await writeOutput(output, { built, items, report })
  return report
}

async function writeOutput(
  output: string,
  content: {
    readonly built: BuiltEvents
    readonly items: readonly ItemRecord[]
    readonly report: IngestReport
  },
): Promise<void> {
  const { built, items, report } = content
  await replaceFolder(output, async (folder) => {
    await writeEventsFile(join(folder, DATASET_FILES.events), built.events)
    await writeItemsFile(join(folder, DATASET_FILES.items), items)
    await writeFile(join(folder, REPORT_FILES.json), `${JSON.stringify(report, null, 2)}\n`)
    await writeFile(join(folder, REPORT_FILES.html), await renderHtmlReport(report))
  })
}

/** The folder is replaced as a whole, so nothing but an earlier output may be in it. */
async function checkOutput(output: string): Promise<void> {
  const entries = await readdir(output).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`output\` (--out) to be a folder, got ${output} (${error.code}). Name another.`,
      { cause: error },
    )
  })
  const own: readonly string[] = [...Object.values(DATASET_FILES), ...Object.values(REPORT_FILES)]
  const others = entries.filter((name) => !own.includes(name))
  if (others.length === 0) return
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`output\` (--out) to be a new folder or an earlier output, but ${output} holds ${others.slice(0, 5).join(', ')}. It would be replaced as a whole; name another folder.`,
  )
}

function checkBadRows({ collector }: ReadEvents, maxBadShare: number): void {
  const { numRows, tally } = collector
  if (tally.numMalformed <= maxBadShare * numRows) return
  const reasons = tally.summarize(numRows).filter(({ kind }) => kind === 'malformed')
  throw new RecommenderError(
    'TOO_MANY_BAD_ROWS',
    `${tally.numMalformed} of ${numRows} rows cannot be read, more than the allowed share of ${maxBadShare}; nothing was written.\n${describeReasons(reasons)}\nMend the file, or allow more with --max-bad-share.`,
  )
}

function checkNotEmpty(
  numKept: number,
  numRows: number,
  dropped: readonly DroppedRows[],
  inputs: readonly string[],
): void {
  if (numKept > 0) return
  const problem =
    numRows === 0
      ? `${inputs.join(', ')}: there is a header but no row below it. Export the file again.`
      : `None of the ${numRows} rows of ${inputs.join(', ')} was kept; nothing was written.`
  throw new RecommenderError('INVALID_INPUT', [problem, describeReasons(dropped)].join('\n').trim())
}

/** One line a reason: count, first example with file, row and column, and the way out. */
function describeReasons(reasons: readonly DroppedRows[]): string {
  const lines = reasons.map(({ label, count, examples, wayOut }) => {
    const { file, row, column, value } = examples[0] as DroppedRows['examples'][number]
    const place = `${file}, line ${row}${column === null ? '' : `, column '${column}'`}`
    return `- ${label}: ${count} rows, first ${place}: '${value}'. ${wayOut}`
  })
  return lines.join('\n')
}
