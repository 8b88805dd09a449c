import type { RankingCase } from '../data/ranking-case.ts'
import type { Scorer } from '../scorer.ts'
import { selectTopK } from '../top-k.ts'
import {
  catalogCoverage,
  countItemUsers,
  hitRateAtK,
  mrrAtK,
  ndcgAtK,
  novelty,
  recallAtK,
} from './metrics.ts'
import { checkQuestions, type ScoringOptions, scoreCases } from './score-cases.ts'

/** Key of a metric that each case has, for example `recall@10`. */
export type ListMetricKey = `${'recall' | 'ndcg' | 'hit_rate' | 'mrr'}@${number}`

/** Key of any metric, for example `recall@10` or `coverage@20`. */
export type MetricKey = ListMetricKey | `coverage@${number}` | `novelty@${number}`

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends ScoringOptions {
  /** Shape `[numUsers]`: absolute event position where each user's training part ends; novelty counts only these. */
  readonly trainEnds: Int32Array
  /** Whether items of the history are left out of the ranking; `false` where repeats are what is predicted. */
  readonly excludeSeen: boolean
  /** Cut-offs, each 1 or more. @defaultValue `[10, 20]` */
  readonly ks?: readonly number[] | undefined
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
  checkQuestions(cases, ks)
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

async function rankAll(
  scorer: Scorer,
  cases: readonly RankingCase[],
  options: EvaluateOptions,
  maxK: number,
): Promise<Int32Array> {
  const topK = new Int32Array(cases.length * maxK)
  await scoreCases(scorer, cases, {
    ...options,
    onCase: ({ scores, history, position }) => {
      if (options.excludeSeen) {
        for (const itemRow of history.itemRows) scores[itemRow] = -Infinity
      }
      topK.set(selectTopK(scores, maxK), position * maxK)
    },
  })
  return topK
}
