import { performance } from 'node:perf_hooks'
import { RecommenderError } from '@perennial/core'
import { SingleBar } from 'cli-progress'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { COLUMN_FLAGS, COLUMN_ROLES, type ColumnMapping } from './column-mapping.ts'
import { ingest } from './ingest.ts'
import { type IngestProgress, type IngestSettings, ITEM_ID_FORMS } from './ingest-options.ts'
import { REPORT_FILES } from './ingest-report.ts'
import { DECIMAL_MARKS } from './number-parser.ts'
import { previewIngest } from './preview-ingest.ts'
import { renderTerminalReport, table } from './report-terminal.ts'
import { formatCount, formatShare, listColumns, listFiles } from './report-text.ts'
import { INPUT_FORMATS } from './row-source.ts'

const PROGRESS_INTERVAL_MS = 3000

/** Adds `ingest <files...>` to the program. */
export function addIngestCommand(program: Command): void {
  const command = program
    .command('ingest')
    .description('read event files and write a data set with a report of what was kept and why')
    .argument('<files...>', 'CSV, JSON Lines (both also .gz) or Parquet files, read as one log')
    .option('--out <folder>', 'folder to write; replaced as a whole')
    .option('--config <file>', 'JSON file with settings; flags win over it')
    .option('--dry-run', 'read the first 1,000 rows, show how they are understood, write nothing')
    .option('--items-file <file>', 'file with one row an item: id, title, category, price')
    .addOption(new Option('--format <name>', 'format of all files').choices(INPUT_FORMATS))
    .option('--encoding <name>', 'text encoding, for example gbk or latin1')
    .option('--delimiter <character>', 'what separates the values of a row', readDelimiter)
    .option(
      '--timestamp-format <format>',
      'iso, epoch-s, epoch-ms or for example "dd/MM/yyyy HH:mm"',
    )
    .option('--time-zone <zone>', 'zone of times without an offset, for example Europe/London')
    .addOption(
      new Option('--decimal <mark>', 'mark of fractions in numbers').choices(DECIMAL_MARKS),
    )
    .option('--currency <code>', 'currency of prices, for example GBP')
    .option('--category-separator <text>', 'what parts the levels of a category')
    .option('--cancel-prefix <text>', 'rows whose order id starts with it are cancellations')
    .option('--item-pattern <regex>', 'what the id of every product matches')
    .addOption(new Option('--normalize-item-ids <form>', 'write ids alike').choices(ITEM_ID_FORMS))
    .option('--min-date <date>', 'earliest time kept (default: 1990-01-01)')
    .option('--max-date <date>', 'latest time kept (default: one day from now)')
    .option('--max-price <price>', 'highest price kept', readNumber)
    .option('--drop-free', 'leave out rows with price zero')
    .option('--keep-duplicates', 'keep rows that equal an earlier one')
    .option(
      '--max-bad-share <share>',
      'share of unreadable rows that stops the run (default: 0.2)',
      readNumber,
    )
  for (const role of COLUMN_ROLES) {
    command.option(`${COLUMN_FLAGS[role]} <name>`, `column of the ${role}; none for no such column`)
  }
  command.action(runIngest)
}

interface Flags extends Omit<IngestSettings, 'mapping'> {
  readonly out?: string
  readonly config?: string
  readonly dryRun?: true
  readonly [flag: string]: unknown
}

async function runIngest(inputs: string[], flags: Flags, command: Command): Promise<void> {
  const { out, dryRun, ...settings } = flags
  const options = { ...settings, inputs, mapping: readMapping(flags) }
  if (dryRun) {
    console.log(renderPreview(await previewIngest(options)))
    return
  }
  if (out === undefined) command.error("error: required option '--out <folder>' not specified")
  const progress = process.stderr.isTTY ? createBar() : createLog()
  const stop = new AbortController()
  const interrupt = (): void =>
    stop.abort(new RecommenderError('ABORTED', 'Stopped; nothing was written.'))
  process.once('SIGINT', interrupt)
  try {
    const { signal } = stop
    const report = await ingest({ ...options, output: out, signal, onProgress: progress.show })
    progress.end()
    console.log(renderTerminalReport(report))
    console.log(`\nWritten to ${out}; the full report is ${out}/${REPORT_FILES.html}`)
  } finally {
    progress.end()
    process.removeListener('SIGINT', interrupt)
  }
}

function readMapping(flags: Flags): ColumnMapping {
  const mapping: ColumnMapping = {}
  for (const role of COLUMN_ROLES) {
    const name = COLUMN_FLAGS[role].slice(2).replace(/-column$/, 'Column')
    const column = flags[name]
    if (typeof column === 'string') mapping[role] = column === 'none' ? null : column
  }
  return mapping
}

function renderPreview(preview: Awaited<ReturnType<typeof previewIngest>>): string {
  const events = preview.events.map((event) =>
    Object.values(event).map((value) => (Number.isNaN(value) ? 'unknown' : String(value))),
  )
  const head = ['Customer', 'Item', 'Time (UTC)', 'Quantity', 'Price', 'Event']
  const dropped = preview.dropped.map(({ label, count, share, wayOut }) => [
    label,
    `${formatCount(count)} (${formatShare(share)})`,
    wayOut,
  ])
  return [
    table(['File', 'Rows read', 'Format', 'Delimiter', 'Times'], listFiles(preview)),
    table(['Meaning', 'Column', 'Found'], listColumns(preview)),
    table(head, events),
    ...(dropped.length === 0 ? [] : [table(['Left out', 'Rows', 'What to do'], dropped)]),
    'Nothing was written (--dry-run).',
  ].join('\n')
}

interface ProgressDisplay {
  readonly show: (progress: IngestProgress) => void
  readonly end: () => void
}

function createBar(): ProgressDisplay {
  const bar = new SingleBar({
    format: '{phase} [{bar}] {percentage}% {rows} rows, {speed} rows/s, {eta_formatted} left',
    stopOnComplete: false,
  })
  const startedAt = performance.now()
  let isStarted = false
  return {
    show: ({ phase, bytesRead, totalBytes, numRows }) => {
      if (!isStarted) bar.start(totalBytes, 0, { phase, rows: 0, speed: 0 })
      isStarted = true
      const speed = formatCount(Math.round(numRows / ((performance.now() - startedAt) / 1000)))
      bar.update(bytesRead, { phase, rows: formatCount(numRows), speed })
    },
    end: () => {
      if (isStarted) bar.stop()
      isStarted = false
    },
  }
}

function createLog(): ProgressDisplay {
  const startedAt = performance.now()
  let shownAt = startedAt
  let shownPhase = 'read'
  return {
    show: ({ phase, bytesRead, totalBytes, numRows }) => {
      const now = performance.now()
      if (phase === shownPhase && now - shownAt < PROGRESS_INTERVAL_MS) return
      shownAt = now
      shownPhase = phase
      const seconds = (now - startedAt) / 1000
      const left = phase === 'read' ? (seconds * (totalBytes - bytesRead)) / bytesRead : 0
      const share = formatShare(bytesRead / totalBytes)
      const speed = formatCount(Math.round(numRows / seconds))
      console.error(
        `${phase}: ${share}, ${formatCount(numRows)} rows, ${speed} rows/s, ${left.toFixed(0)} s left`,
      )
    },
    end: () => undefined,
  }
}

function readNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('Expected a number.')
}

/** A tab is hard to type in a shell. */
function readDelimiter(text: string): string {
  return text === 'tab' || text === '\\t' ? '\t' : text
}
