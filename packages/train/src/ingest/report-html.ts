import { renderChart } from '../report/chart.ts'
import { escapeHtml } from '../report/escape-html.ts'
import type { IngestReport } from './ingest-report.ts'
import { formatCount, formatShare, listColumns, listFacts, listFiles } from './report-text.ts'
import type { DroppedRows } from './row-tally.ts'

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 64rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid #d5dae1 }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #e6e9ee }
td.number { text-align: right; font-variant-numeric: tabular-nums }
code { background: #f3f5f8; padding: .1rem .25rem; border-radius: .2rem; word-break: break-word }
svg { max-width: 100%; height: auto } details { margin: .4rem 0 } .way-out { color: #4a5666 }
`

/** Renders the report as one HTML page without outside files. Text from the merchant's data is escaped. */
export async function renderHtmlReport(report: IngestReport): Promise<string> {
  const chart = await renderChart({
    width: 760,
    height: 220,
    data: { values: report.statistics.eventsPerMonth.map((month) => ({ ...month })) },
    mark: { type: 'bar', color: '#3b6fb6' },
    encoding: {
      x: { field: 'month', type: 'ordinal', title: 'Month', axis: { labelOverlap: true } },
      y: { field: 'numEvents', type: 'quantitative', title: 'Events' },
    },
  })
  const numDropped = report.numRows - report.numKept
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Ingest report</title><style>${STYLE}</style></head>
<body>
<h1>Ingest report</h1>
<p>${formatCount(report.numRows)} rows were read, ${formatCount(report.numKept)} kept and ${formatCount(numDropped)} left out.</p>
<h2>What was kept</h2>
${renderTable([], listFacts(report))}
<h2>Events per month</h2>
${chart}
<h2>How the files were read</h2>
${renderTable(['File', 'Rows', 'Format', 'Delimiter', 'Times'], listFiles(report))}
${renderTable(['Meaning', 'Column', 'Found'], listColumns(report))}
<h2>Rows that cannot be read</h2>
${renderDropped(report.dropped, 'malformed')}
<h2>Rows left out by a rule</h2>
${renderDropped(report.dropped, 'rule')}
</body>
</html>
`
}

function renderDropped(dropped: readonly DroppedRows[], kind: DroppedRows['kind']): string {
  const reasons = dropped.filter((reason) => reason.kind === kind)
  if (reasons.length === 0) return '<p>None.</p>'
  return reasons
    .map(({ label, count, share, examples, wayOut }) => {
      const rows = examples.map(({ file, row, column, value }) => [
        file,
        String(row),
        column ?? '(whole row)',
        value,
      ])
      return `<details open><summary><b>${escapeHtml(label)}</b>: ${formatCount(count)} rows (${formatShare(share)})</summary>
<p class="way-out">${escapeHtml(wayOut)}</p>
${renderTable(['File', 'Row', 'Column', 'Value'], rows)}</details>`
    })
    .join('\n')
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = head.map((name) => `<th>${escapeHtml(name)}</th>`).join('')
  // A table without a head holds facts of all kinds, which stand in line on the left.
  const render = head.length === 0 ? (text: string) => `<td>${escapeHtml(text)}</td>` : renderCell
  const body = rows.map((row) => `<tr>${row.map(render).join('')}</tr>`).join('\n')
  return `<table>${names === '' ? '' : `<thead><tr>${names}</tr></thead>`}<tbody>\n${body}\n</tbody></table>`
}

function renderCell(text: string): string {
  const isNumber = /^[\d,.]+%?$/.test(text)
  return `<td${isNumber ? ' class="number"' : ''}>${escapeHtml(text)}</td>`
}
