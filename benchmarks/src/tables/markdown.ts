import type { RunDescription } from '../machine.ts'

/** Returns a table whose first column is aligned to the left and the others to the right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  )
}

/** Returns the sentence on what a result was measured on. */
export function circumstances({
  machine,
  loadAverage1m,
  commit,
}: Pick<RunDescription, 'machine' | 'commit'> & { readonly loadAverage1m?: number }): string {
  const load =
    loadAverage1m === undefined ? '' : `, load average ${loadAverage1m.toFixed(1)} at the start`
  return `Measured on ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}${load}, commit ${commit}.`
}
