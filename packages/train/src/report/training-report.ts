import {
  type CustomerModels,
  type Dataset,
  type DurabilityKind,
  type Evaluation,
  pairedBootstrap,
} from '@perennial/core'
import type { EpochRecord } from '../fit/progress.ts'
import type { TrainResult } from '../train-artifact.ts'
import { renderChart } from './chart.ts'
import { escapeHtml } from './escape-html.ts'

/** Metrics that the result tables show, with their column heads. */
export const REPORTED_METRICS = {
  'recall@10': 'Recall@10',
  'ndcg@10': 'NDCG@10',
  'hit_rate@10': 'HR@10',
  'mrr@10': 'MRR@10',
  'coverage@10': 'Coverage@10',
  'novelty@10': 'Novelty@10',
} as const

/** Returns rows of text for a result table: the scorer's name, then {@link REPORTED_METRICS} in order. */
export function resultRows(
  evaluations: readonly Pick<Evaluation, 'scorer' | 'metrics'>[],
): string[][] {
  return evaluations.map(({ scorer, metrics }) => [
    scorer,
    ...Object.keys(REPORTED_METRICS).map((key) =>
      (metrics[key as keyof typeof metrics] as number).toFixed(4),
    ),
  ])
}

/** Returns one sentence that says how sure the difference of {@link compareInWords} is. */
export function intervalInWords(evaluations: readonly Evaluation[], numModels: number): string {
  const full = evaluations[evaluations.length - 1] as Evaluation
  const best = bestBaseline(evaluations, numModels)
  const valuesOf = ({ perCase }: Evaluation): Float32Array =>
    perCase.values['ndcg@10'] as Float32Array
  const { meanDifference, low, high } = pairedBootstrap(valuesOf(full), valuesOf(best), { seed: 1 })
  const range = `${low.toFixed(4)} to ${high.toFixed(4)}`
  return `The difference is ${meanDifference.toFixed(4)}, 95 % interval ${range} (paired bootstrap over ${full.perCase.userRows.length} customers).`
}

/**
 * Returns one sentence that says how what is served, the last, compares with the best baseline by NDCG@10.
 *
 * @param numModels - How many at the end are no baselines.
 */
export function compareInWords(
  evaluations: readonly Pick<Evaluation, 'scorer' | 'metrics'>[],
  numModels: number,
): string {
  const full = evaluations[evaluations.length - 1] as Evaluation
  const best = bestBaseline(evaluations, numModels)
  if (ndcgOf(best) === 0)
    return `By NDCG@10, ${full.scorer} is at ${ndcgOf(full).toFixed(4)}; every baseline is at 0.`
  const change = (100 * (ndcgOf(full) - ndcgOf(best))) / ndcgOf(best)
  const relation = change >= 0 ? `${change.toFixed(1)} % above` : `${(-change).toFixed(1)} % below`
  return `By NDCG@10, ${full.scorer} is ${relation} the best baseline, ${best.scorer}.`
}

function bestBaseline<T extends Pick<Evaluation, 'metrics'>>(
  evaluations: readonly T[],
  numModels: number,
): T {
  return evaluations
    .slice(0, -numModels)
    .reduce((top, baseline) => (ndcgOf(baseline) > ndcgOf(top) ? baseline : top))
}

function ndcgOf({ metrics }: Pick<Evaluation, 'metrics'>): number {
  return metrics['ndcg@10'] as number
}

/** Returns the training report as one self-contained HTML page. */
export async function formatTrainingReport(
  dataset: Dataset,
  result: Omit<TrainResult, 'manifest'>,
): Promise<string> {
  const { fitted, blend, evaluations, numModels, lifecycle, testCutMs, horizonDays } = result
  const cut = new Date(testCutMs).toISOString().slice(0, 10)
  const { encoder } = fitted.config
  const facts: readonly (readonly [string, string])[] = [
    ['Customers', dataset.sequences.numUsers.toLocaleString('en')],
    ['Items', dataset.catalog.numItems.toLocaleString('en')],
    ['Events', dataset.sequences.itemRows.length.toLocaleString('en')],
    ['Question asked on', cut],
    ['Right answers', `everything bought in the ${horizonDays} days from then`],
    [
      'Network',
      `${encoder.numBlocks} blocks, ${encoder.dim} wide, histories of up to ${encoder.maxLength} events`,
    ],
    [
      'Training',
      `${fitted.curve.length} epochs in ${fitted.seconds.toFixed(0)} s on ${fitted.engineName}; best at epoch ${fitted.bestEpoch}`,
    ],
    [
      'Repeat part',
      blend.repeatWeight === 0
        ? 'none: the network alone was best on validation'
        : `weight ${blend.repeatWeight}, a purchase counts half after ${blend.halfLifeDays} days`,
    ],
  ]
  const heads = ['Method', ...Object.values(REPORTED_METRICS)]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Perennial training report</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
  th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ddd }
  .results td + td, .results th + th { text-align: right; font-variant-numeric: tabular-nums }
  .results tr:last-child { font-weight: 600; background: #f3f7f3 }
  figure { margin: 1rem 0 }
</style>
<h1>What each customer will want next</h1>
<p>${escapeHtml(compareInWords(evaluations, numModels))} ${escapeHtml(intervalInWords(evaluations, numModels))} The test window was not used for any choice.</p>
<table class="results"><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>
${resultRows(evaluations)
  .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
  .join('\n')}
</table>
<h2>Why this ranking</h2>
<p>Each way to rank was tried if there was enough data for it, and taken if it beat the best before it on validation.</p>
<ul>${lifecycle.ladder.rungs.map(({ sentence }) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul>
${calibrationInHtml(lifecycle)}<h2>Customers</h2>
<ul>${customersInWords(lifecycle.customers)
    .map((sentence) => `<li>${escapeHtml(sentence)}</li>`)
    .join('')}</ul>
<h2>How it was made</h2>
<table>${facts.map(([name, value]) => `<tr><th>${name}</th><td>${escapeHtml(value)}</td></tr>`).join('\n')}</table>
<figure>${await renderCurve(fitted.curve)}</figure>
</html>
`
}

function calibrationInHtml({ calibration }: TrainResult['lifecycle']): string {
  if (calibration === null) return ''
  const { calibrationError, auc, numPairs, days } = calibration
  return `<p>Probability that a customer buys a candidate within ${days} days, over ${numPairs.toLocaleString('en')} candidates of the test: expected calibration error ${calibrationError.toFixed(4)}, area under the ROC curve ${auc.toFixed(3)}.</p>
`
}

/** Returns what was learned of customers, a sentence each. */
function customersInWords({ visits, durability, notes }: CustomerModels): string[] {
  const said: string[] = []
  for (const { horizonDays, kind, logLoss } of visits?.activity ?? []) {
    const name = kind === 'logistic' ? 'a logistic model' : 'BG/NBD'
    const measured = [
      `${logLoss.bgNbd?.toFixed(4) ?? 'not measured'} for BG/NBD`,
      `${logLoss.logistic?.toFixed(4) ?? 'not measured'} for the logistic model`,
    ].join(', ')
    said.push(`Who buys within ${horizonDays} days is told by ${name}. Log loss: ${measured}.`)
  }
  if (durability !== null) {
    const count = (kind: DurabilityKind): string =>
      durability.items
        .filter((item, row) => row > 0 && item.kind === kind)
        .length.toLocaleString('en')
    said.push(
      `Items that last: ${count('durable')}; that are used up: ${count('consumable')}; of which it is not known: ${count('unknown')}.`,
    )
  }
  return [...said, ...notes]
}

async function renderCurve(curve: readonly EpochRecord[]): Promise<string> {
  return renderChart({
    width: 640,
    height: 240,
    data: {
      values: curve.flatMap(({ epoch, validationNdcg }) =>
        validationNdcg === null ? [] : [{ epoch, validationNdcg }],
      ),
    },
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: 'Epoch',
        axis: { tickMinStep: 1, format: 'd' },
      },
      y: {
        field: 'validationNdcg',
        type: 'quantitative',
        title: 'Validation NDCG@10 (network alone)',
      },
    },
  })
}
