import { renderChart } from '../report/chart.ts'
import { escapeHtml } from '../report/escape-html.ts'
import type { Trial, TuneResult } from './tune.ts'

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
      x: { field: 'epochs', type: 'quantitative', title: 'Epochs', scale: { type: 'log' } },
      y: { field: 'ndcg', type: 'quantitative', title: 'Best NDCG@10 on validation' },
      color: { field: 'trial', type: 'nominal', title: 'Trial' },
    },
  })
  const rows = rankTrials(result)
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

/** Heads of {@link rankTrials}. */
export const TRIAL_HEADS = ['Trial', 'Epochs', 'NDCG@10', 'Seconds', 'Options'] as const

/** Returns a row of text a trial, the one that came furthest and best first. */
export function rankTrials({ trials }: TuneResult): string[][] {
  const lastOf = ({ rungs }: Trial): Trial['rungs'][number] =>
    rungs[rungs.length - 1] ?? { epochs: 0, ndcg: -1, seconds: 0 }
  return trials
    .toSorted(
      (a, b) => b.rungs.length - a.rungs.length || lastOf(b).ndcg - lastOf(a).ndcg || a.id - b.id,
    )
    .map((trial) => {
      const { epochs, ndcg, seconds } = lastOf(trial)
      const score = trial.failure === undefined ? ndcg.toFixed(4) : 'diverged'
      return [`${trial.id}`, `${epochs}`, score, seconds.toFixed(0), describe(trial.options)]
    })
}

function describe(options: object): string {
  return Object.entries(options)
    .map(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? describe(value)
        : `${name} ${typeof value === 'number' ? Number(value.toPrecision(3)) : value}`,
    )
    .join(', ')
}
