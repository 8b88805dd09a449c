import type { Dataset } from '../data/dataset.ts'
import type { RankingCase } from '../data/ranking-case.ts'
import { type History, historyOf } from '../data/sequences.ts'
import { checkInteger, RecommenderError } from '../errors.ts'
import { selectTopK } from '../top-k.ts'
import type { Scorer } from '../scorer.ts'
import {
  catalogCoverage,
  countItemUsers,
  hitRateAtK,
  mrrAtK,
  ndcgAtK,
  novelty,
  recallAtK,
} from './metrics.ts'

/** Key of a metric that each case has, for example `recall@10`. */
export type ListMetricKey = `${'recall' | 'ndcg' | 'hit_rate' | 'mrr'}@${number}`

/** Key of any metric, for example `recall@10` or `coverage@20`. */
export type MetricKey = ListMetricKey | `coverage@${number}` | `novelty@${number}`

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  readonly dataset: Dataset
  /** Shape `[numUsers]`: absolute event position where each user's training part ends; novelty counts only these. */
  readonly trainEnds: Int32Array
  /** Whether items of the history are left out of the ranking; `false` where repeats are what is predicted. */
  readonly excludeSeen: boolean
  /** Cut-offs, each 1 or more. @defaultValue `[10, 20]` */
  readonly ks?: readonly number[] | undefined
  /** Histories scored at a time. @defaultValue 256, fewer when their scores would pass 256 MB */
  readonly batchSize?: number | undefined
  /** Stops between two batches. */
  readonly signal?: AbortSignal | undefined
  /** Called after each batch. */
  readonly onProgress?: ((progress: { numDone: number; numCases: number }) => void) | undefined
}

/** What {@link evaluate} measured. */
export interface Evaluation {
  /** Name of the scorer. */
  readonly scorer: string
  /** Means over all cases; coverage and novelty over all lists. */
  readonly metrics: Readonly<Record<MetricKey, number>>
  /** Shape `[numCases, maxK]`, row-major: item rows, best first; 0 where there was no further candidate. */
  readonly topK: Int32Array
  /** Width of `topK`: the largest of `ks`. */
  readonly maxK: number
  /** The same metrics by case, in the order of the cases, for paired comparisons. */
  readonly perCase: {
    readonly userRows: Int32Array
    readonly values: Readonly<Record<ListMetricKey, Float32Array>>
  }
  readonly seconds: number
}

/**
 * Returns the metrics of a scorer, each case ranked against the whole catalogue.
 *
 * Every metric is computed from the top-k lists, so a list that breaks off early loses what it lacks.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if there are no cases, or the scorer leaves a score unwritten or
 * writes NaN; `INVALID_OPTION` naming the option. Rejects with the reason of `signal` when that is aborted.
 */
export async function evaluate(
  scorer: Scorer,
  cases: readonly RankingCase[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { dataset, trainEnds, ks = [10, 20] } = options
  for (const k of ks) checkInteger('ks', k, 1)
  if (ks.length === 0 || cases.length === 0) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected at least one case and one of \`ks\`, got ${cases.length} cases and ${ks.length} cut-offs.`,
    )
  }
  const { numItems } = dataset.catalog
  const maxK = Math.max(...ks)
  const start = performance.now()
  const topK = await rankAll(scorer, cases, options, maxK)
  const seconds = (performance.now() - start) / 1000

  const metrics: Record<MetricKey, number> = {}
  const values: Record<ListMetricKey, Float32Array> = {}
  const itemUsers = countItemUsers(dataset.sequences, { trainEnds, numItems })
  for (const k of ks) {
    for (const [name, metric] of Object.entries(LIST_METRICS)) {
      const perCase = Float32Array.from(cases, ({ targets }, i) =>
        metric(topK.subarray(i * maxK, (i + 1) * maxK), targets, { k }),
      )
      const key = `${name}@${k}` as ListMetricKey
      values[key] = perCase
      metrics[key] = perCase.reduce((sum, value) => sum + value, 0) / cases.length
    }
    metrics[`coverage@${k}`] = catalogCoverage({ topK, width: maxK }, { k, numItems })
    metrics[`novelty@${k}`] = novelty({ topK, width: maxK }, { k, ...itemUsers })
  }
  const userRows = Int32Array.from(cases, ({ userRow }) => userRow)
  return { scorer: scorer.name, metrics, topK, maxK, perCase: { userRows, values }, seconds }
}

const LIST_METRICS = {
  recall: recallAtK,
  ndcg: ndcgAtK,
  hit_rate: hitRateAtK,
  mrr: mrrAtK,
} as const

const MAX_SCORES = (256 << 20) / 4

async function rankAll(
  scorer: Scorer,
  cases: readonly RankingCase[],
  { dataset, excludeSeen, batchSize, signal, onProgress }: EvaluateOptions,
  maxK: number,
): Promise<Int32Array> {
  const width = dataset.catalog.numItems + 1
  const size = batchSize ?? Math.max(1, Math.min(256, Math.floor(MAX_SCORES / width)))
  checkInteger('batchSize', size, 1)
  const topK = new Int32Array(cases.length * maxK)
  const buffer = new Float32Array(Math.min(size, cases.length) * width)
  for (let start = 0; start < cases.length; start += size) {
    // A scorer without awaits would otherwise keep timers, and so the signal, from ever running.
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    const histories = cases
      .slice(start, start + size)
      .map((c) => historyOf(dataset.sequences, c.userRow, c.historyEnd, c.asOfMs))
    const scores = buffer.subarray(0, histories.length * width)
    scores.fill(Number.NaN)
    await scorer.scoreBatch(histories, scores)
    histories.forEach((history, b) => {
      const row = scores.subarray(b * width, (b + 1) * width)
      checkScores(row, scorer.name, start + b)
      hideItems(row, excludeSeen ? history : undefined)
      topK.set(selectTopK(row, maxK), (start + b) * maxK)
    })
    onProgress?.({ numDone: start + histories.length, numCases: cases.length })
  }
  return topK
}

function hideItems(row: Float32Array, seen: History | undefined): void {
  row[0] = -Infinity
  for (const itemRow of seen?.itemRows ?? []) row[itemRow] = -Infinity
}

function checkScores(row: Float32Array, scorer: string, position: number): void {
  for (let itemRow = 1; itemRow < row.length; itemRow++) {
    if (!Number.isNaN(row[itemRow])) continue
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected scorer '${scorer}' to write a number for every item, got NaN or nothing for item row ${itemRow} of case ${position}.`,
    )
  }
}
