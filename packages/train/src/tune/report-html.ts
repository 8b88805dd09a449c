import { renderChart } from '../report/chart.ts'
import { escapeHtml } from '../report/escape-html.ts'
import { rankTrials } from './halving.ts'
import type { TuneResult } from './search-state.ts'

/** Returns a search as one self-contained HTML page: a line a trial, and what was tried. */
export async function formatTuneReport(result: TuneResult): Promise<string> {
  const values = result.trials.flatMap(({ id, rungs }) =>
    rungs.map(({ epochs, ndcg }) => ({ trial: `${id}`, epochs, ndcg })),
  )
  const chart = await renderChart({
    width: 640,
    height: 320,
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        field: 'epochs',
        type: 'quantitative',
        title: 'Epochs',
        scale: { type: 'log' },
        axis: { values: result.rungs.map(({ epochs }) => epochs), format: 'd' },
      },
      y: { field: 'ndcg', type: 'quantitative', title: 'Best NDCG@10 on validation' },
      color: { field: 'trial', type: 'nominal', title: 'Trial' },
    },
  })
  const rows = trialRows(result)
    .map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('\n')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Perennial search</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
  th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ddd }
</style>
<h1>Which settings learn best</h1>
<p>Each line is a trial; the best ${result.eta === 2 ? 'half' : `one in ${result.eta}`} of each rung went on. Chosen on validation alone; the test was not asked.</p>
<figure>${chart}</figure>
<table><tr>${TRIAL_HEADS.map((head) => `<th>${head}</th>`).join('')}</tr>
${rows}
</table>
</html>
`
}

/** Heads of {@link trialRows}. */
export const TRIAL_HEADS = ['Trial', 'Status', 'Epochs', 'NDCG@10', 'Seconds', 'Options'] as const

/** Returns a row of text a trial, the one that came furthest and best first; of its options those that differ. */
export function trialRows({ trials, space }: Pick<TuneResult, 'trials' | 'space'>): string[][] {
  const searched = Object.entries(space)
    .filter(([, range]) => !('choices' in range) || range.choices.length > 1)
    .map(([path]) => path)
  return rankTrials(trials).map(({ id, status, rungs, options }) => {
    const last = rungs[rungs.length - 1]
    const values: Record<string, unknown> = { ...options }
    for (const [name, value] of Object.entries(options.encoder ?? {}))
      values[`encoder.${name}`] = value
    return [
      `${id}`,
      status,
      `${last?.epochs ?? 0}`,
      last?.ndcg.toFixed(4) ?? '',
      last?.seconds.toFixed(1) ?? '',
      searched.map((path) => `${path.replace('encoder.', '')} ${inWords(values[path])}`).join(', '),
    ]
  })
}

function inWords(value: unknown): string {
  if (typeof value === 'number') return `${Number(value.toPrecision(3))}`
  return Array.isArray(value) ? `[${value.join(' ')}]` : String(value)
}
