import Table from 'cli-table3'
import colors from 'picocolors'
import type { DoctorReport } from './doctor.ts'

/** Returns the report as a table for a terminal, and under it what to do about each failing line. */
export function formatDoctor(report: DoctorReport): string {
  const table = new Table({
    head: ['', 'check', 'found'],
    style: { head: [], border: [] },
    colWidths: [6, 20, 70],
    wordWrap: true,
    wrapOnWordBoundary: false,
  })
  for (const { name, ok, found } of report.checks) {
    // No colour inside the table: its word wrap would break the colour codes apart.
    table.push([ok ? 'ok' : 'no', name, found])
  }
  const waysOut = report.checks.flatMap(({ name, wayOut }) =>
    wayOut ? [`${name}: ${wayOut}`] : [],
  )
  const verdict = report.canTrain
    ? colors.green('This machine can train.')
    : colors.red('This machine cannot train.')
  return [table.toString(), ...waysOut, verdict].join('\n')
}
