import type { RankingCase } from '../data/ranking-case.ts'
import { checkChoice, RecommenderError } from '../errors.ts'
import type { Scorer } from '../scorer.ts'
import { categoryBreadthAtK, categoryLevels, categoryRecallAtK } from './category-metrics.ts'
import { p90Coverage, shownShareAtK } from './exposure.ts'
import { meanDefined } from './mean-defined.ts'
import {
  type AgainstBest,
  DENOMINATORS,
  type Denominator,
  hitRateAtK,
  ndcgAtK,
  recallAtK,
} from './metrics.ts'
import { type RankedCase, rankCase } from './rank-case.ts'
import { checkQuestions, type ScoringOptions, scoreCases } from './score-cases.ts'
import { valueRecallAtK } from './value-recall.ts'

/**
 * What is measured of each list.
 *
 * - `recall`, `ndcg`, `hit_rate`: all targets, all items ranked.
 * - `repeat_recall`, `explore_recall`: of the targets that the history holds, and lacks, the share in that same list.
 * - `new_item_recall`: recall of the targets that the history lacks when only such items are ranked.
 * - `repeat_only_recall`: recall of the targets that the history holds when only its items are ranked.
 * - `repeat_share`: share of the shown items that the history holds.
 * - `value_recall`: recall weighted by `values`.
 * - `category_recall_1`, `category_recall_2`, ...: recall of the targets' categories, level 1 the widest;
 *   `category_breadth`: distinct categories of level 1 in the list. Only where the catalogue has categories.
 * - `popular_share`: share of the shown items that `popular` marks.
 */
export type HorizonListMetric =
  | 'recall'
  | 'ndcg'
  | 'hit_rate'
  | 'repeat_recall'
  | 'explore_recall'
  | 'new_item_recall'
  | 'repeat_only_recall'
  | 'repeat_share'
  | 'value_recall'
  | `category_recall_${number}`
  | 'category_breadth'
  | 'popular_share'

/** Key of a metric that each case has, for example `new_item_recall@10`. */
export type HorizonListKey = `${HorizonListMetric}@${number}`

/** Key of any horizon metric. */
export type HorizonMetricKey = HorizonListKey | `p90_coverage@${number}`

/** Options of {@link evaluateHorizon}. */
export interface HorizonOptions extends ScoringOptions {
  /** Cut-offs, each 1 or more. @defaultValue `[10, 20]` */
  readonly ks?: readonly number[] | undefined
  /** What every recall, NDCG included, is divided by; see {@link AgainstBest}. @defaultValue 'reachable' */
  readonly denominator?: Denominator | undefined
  /**
   * Value of the targets, each 0 or more, or NaN where unknown: by item row, shape `[numItems + 1]`, or one array a
   * case with the shape of its targets, for example from `sumTargetValues`. @defaultValue no `value_recall`
   */
  readonly values?: Float32Array | readonly Float32Array[] | undefined
  /** Shape `[numItems + 1]`, 1 for a popular item, for example from `markPopular`. @defaultValue no `popular_share` */
  readonly popular?: Uint8Array | undefined
}

/** What {@link evaluateHorizon} measured. */
export interface HorizonEvaluation {
  /** Name of the scorer. */
  readonly scorer: string
  /** Means over the cases in which a metric is defined; P90 coverage over all lists. */
  readonly metrics: Readonly<Record<HorizonMetricKey, number>>
  /** Shape `[numCases, maxK]`, row-major: item rows, best first; 0 where there was no further candidate. */
  readonly topK: Int32Array
  /** Width of `topK`: the largest of `ks`. */
  readonly maxK: number
  /** The metrics of each list, in the order of the cases; NaN where a case does not define one. */
  readonly perCase: {
    readonly userRows: Int32Array
    readonly values: Readonly<Record<HorizonListKey, Float32Array>>
  }
  readonly seconds: number
}

/**
 * Returns how well a scorer ranks what each user buys within a horizon: repeats and discoveries, together and apart.
 *
 * Whether a target is a repeat is decided by the history of its case. A metric whose targets a case lacks
 * (`explore_recall` of a user who only repeats) is NaN there, and its mean is taken over the other cases.
 *
 * @param cases - For example the test of `splitByTime`: all items bought within the horizon are targets.
 * @throws {@link RecommenderError} `INVALID_INPUT` if there are no cases, a value is negative, or the scorer leaves a
 * score unwritten or writes NaN; `SHAPE_MISMATCH` if `values` or `popular` do not fit; `INVALID_OPTION` naming the
 * option. Rejects with the reason of `signal` when that is aborted.
 */
export async function evaluateHorizon(
  scorer: Scorer,
  cases: readonly RankingCase[],
  options: HorizonOptions,
): Promise<HorizonEvaluation> {
  const { dataset, ks = [10, 20], denominator = 'reachable' } = options
  checkQuestions(cases, ks)
  checkChoice('denominator', denominator, DENOMINATORS)
  const { numItems } = dataset.catalog
  const maxK = Math.max(...ks)
  const measures = listMeasures(cases, options)
  const values: Record<HorizonListKey, Float32Array> = {}
  for (const k of ks) {
    for (const name of measures.keys()) values[`${name}@${k}`] = new Float32Array(cases.length)
  }
  const topK = new Int32Array(cases.length * maxK)
  const start = performance.now()
  await scoreCases(scorer, cases, {
    ...options,
    onCase: (scored) => {
      const { position } = scored
      const ranked = rankCase(scored, cases[position] as RankingCase, maxK)
      topK.set(ranked.all, position * maxK)
      for (const k of ks) {
        for (const [name, measure] of measures) {
          const perCase = values[`${name}@${k}`] as Float32Array
          perCase[position] = measure(ranked, { k, denominator }, position)
        }
      }
    },
  })
  const seconds = (performance.now() - start) / 1000
  const metrics: Record<HorizonMetricKey, number> = {}
  for (const [key, perCase] of Object.entries(values)) {
    metrics[key as HorizonListKey] = meanDefined(perCase)
  }
  for (const k of ks) {
    metrics[`p90_coverage@${k}`] = p90Coverage({ topK, width: maxK }, { k, numItems })
  }
  const userRows = Int32Array.from(cases, ({ userRow }) => userRow)
  return { scorer: scorer.name, metrics, topK, maxK, perCase: { userRows, values }, seconds }
}

type Measure = (ranked: RankedCase, options: Required<AgainstBest>, position: number) => number

function listMeasures(
  cases: readonly RankingCase[],
  { dataset, values, popular }: HorizonOptions,
): Map<HorizonListMetric, Measure> {
  const width = dataset.catalog.numItems + 1
  const measures = new Map<HorizonListMetric, Measure>([
    ['recall', (ranked, at) => recallAtK(ranked.all, ranked.targets, at)],
    ['ndcg', (ranked, at) => ndcgAtK(ranked.all, ranked.targets, at)],
    ['hit_rate', (ranked, at) => hitRateAtK(ranked.all, ranked.targets, at)],
    ['repeat_recall', (ranked, at) => recallAtK(ranked.all, ranked.repeatTargets, at)],
    ['explore_recall', (ranked, at) => recallAtK(ranked.all, ranked.newTargets, at)],
    ['new_item_recall', (ranked, at) => recallAtK(ranked.unseen, ranked.newTargets, at)],
    ['repeat_only_recall', (ranked, at) => recallAtK(ranked.owned, ranked.repeatTargets, at)],
    ['repeat_share', (ranked, at) => shownShareAtK(ranked.all, ranked.isOwned, at)],
  ])
  if (values !== undefined) {
    const targetValues = checkValues(values, cases, width)
    measures.set('value_recall', ({ all, targets }, at, position) =>
      valueRecallAtK(all, targets, { ...at, values: targetValues[position] as Float32Array }),
    )
  }
  const levels = categoryLevels(dataset.catalog)
  levels.forEach((categories, i) => {
    measures.set(`category_recall_${i + 1}`, ({ all, targets }, at) =>
      categoryRecallAtK(all, targets, { ...at, categories }),
    )
  })
  const [categories] = levels
  if (categories !== undefined) {
    measures.set('category_breadth', ({ all }, { k }) => categoryBreadthAtK(all, { k, categories }))
  }
  if (popular !== undefined) {
    checkLength('popular', popular.length, width)
    const isPopular = (itemRow: number): boolean => popular[itemRow] === 1
    measures.set('popular_share', ({ all }, at) => shownShareAtK(all, isPopular, at))
  }
  return measures
}

/** Returns the values of each case's targets. */
function checkValues(
  values: Float32Array | readonly Float32Array[],
  cases: readonly RankingCase[],
  width: number,
): readonly Float32Array[] {
  const byItem = values instanceof Float32Array
  checkLength('values', values.length, byItem ? width : cases.length)
  return cases.map(({ targets }, position) => {
    const own = byItem
      ? Float32Array.from(targets, (itemRow) => values[itemRow] as number)
      : (values[position] as Float32Array)
    checkLength(`values of case ${position}`, own.length, targets.length)
    const wrong = own.find((value) => value < 0 || value === Infinity)
    if (wrong === undefined) return own
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected \`values\` to be finite and 0 or more, or NaN where unknown, got ${wrong} in case ${position}.`,
    )
  })
}

function checkLength(name: string, length: number, expected: number): void {
  if (length === expected) return
  throw new RecommenderError(
    'SHAPE_MISMATCH',
    `Expected \`${name}\` to have length ${expected}, got ${length}.`,
  )
}
