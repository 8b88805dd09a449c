import Table from 'cli-table3'
import colors from 'picocolors'
import type { IngestReport } from './ingest-report.ts'
import { formatCount, formatShare, listColumns, listFacts, listFiles } from './report-text.ts'
import type { RowExample } from './row-tally.ts'

/** Width of a count and a share in front of a reason. */
const INDENT = ' '.repeat(23)

/** Renders the report for a terminal; colours only where the terminal has them. */
export function renderTerminalReport(report: IngestReport): string {
  return [
    heading('What was kept'),
    table(undefined, listFacts(report)),
    heading('How the files were read'),
    table(['File', 'Rows', 'Format', 'Delimiter', 'Times'], listFiles(report)),
    table(['Meaning', 'Column', 'Found'], listColumns(report)),
    ...renderDropped(report, 'malformed', 'Rows that cannot be read'),
    ...renderDropped(report, 'rule', 'Rows left out by a rule'),
  ].join('\n')
}

function renderDropped(
  { dropped }: IngestReport,
  kind: 'malformed' | 'rule',
  title: string,
): string[] {
  const reasons = dropped.filter((reason) => reason.kind === kind)
  if (reasons.length === 0) return [heading(`${title}: none`)]
  const lines = reasons.flatMap(({ label, count, share, examples, wayOut }) => {
    const { file, row, column, value } = examples[0] as RowExample
    const numbers = `${formatCount(count).padStart(12)} ${formatShare(share).padStart(8)}`
    const place = `${file}:${row}${column === null ? '' : ` ${column}`}`
    return [`${numbers}  ${label}`, `${INDENT}first ${place} '${value}'`, `${INDENT}${wayOut}`]
  })
  return [heading(title), ...lines]
}

/** Renders a table in the style of the report. */
export function table(
  head: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
): string {
  const drawn = new Table({
    ...(head === undefined ? {} : { head: head.map((name) => colors.bold(name)) }),
    style: { head: [], border: [] },
  })
  drawn.push(...rows.map((row) => [...row]))
  return drawn.toString()
}

function heading(text: string): string {
  return `\n${colors.bold(text)}`
}
