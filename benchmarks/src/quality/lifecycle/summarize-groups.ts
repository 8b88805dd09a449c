import { type PairedDifference, pairedBootstrap } from '@perennial/core'
import { RANKER } from './methods.ts'
import { unpackRows, unpackValues } from './packed-values.ts'
import {
  type Comparison,
  type GroupResult,
  KEPT_METRICS,
  type Metrics,
  type QuestionResult,
} from './result.ts'

/** Fixes which users an interval draws again. */
const SEED = 1
/** Metrics whose differences are shown with intervals. */
const COMPARED = ['recall@10', 'ndcg@10', 'hit_rate@10', 'new_item_recall@10'] as const

/** A metric of one method by case, questions one after the other, and whose case it is. */
export interface PooledValues {
  readonly values: Float32Array
  readonly userRows: Int32Array
}

/** Returns a method's metric over questions, the mean of its seeds case by case. */
export function poolValues(
  questions: readonly QuestionResult[],
  method: string,
  metric: (typeof KEPT_METRICS)[number],
): PooledValues {
  const parts = questions.map(({ methods, numCases }) => {
    const seeds = methods.filter(({ name }) => name === method)
    const sums = new Float32Array(numCases)
    for (const { values } of seeds)
      unpackValues(values[metric] as string).forEach((value, i) => {
        sums[i] = (sums[i] as number) + value / seeds.length
      })
    return sums
  })
  return {
    values: Float32Array.from(parts.flatMap((part) => Array.from(part))),
    userRows: Int32Array.from(
      questions.flatMap(({ userRows }) => Array.from(unpackRows(userRows))),
    ),
  }
}

/** Returns `a - b` over the same cases with its interval, users drawn with all their cases; nothing where no case has both. */
export function differenceOf(a: PooledValues, b: PooledValues): PairedDifference | undefined {
  const isDefined = a.values.some((value, i) => !Number.isNaN(value - (b.values[i] as number)))
  if (!isDefined) return undefined
  return pairedBootstrap(a.values, b.values, { seed: SEED, userRows: a.userRows })
}

/** Returns the questions' groups with means, and what the ranker is worth against each other method. */
export function summarizeGroups(questions: readonly QuestionResult[]): GroupResult[] {
  const groups = [...new Set(questions.map(({ group }) => group))]
  return groups.map((group) => {
    const own = questions.filter((question) => question.group === group)
    const methods = [
      ...new Set(own.flatMap(({ methods: answers }) => answers.map(({ name }) => name))),
    ]
    const metrics = methods.map((method): [string, Metrics] => [
      method,
      Object.fromEntries(
        KEPT_METRICS.map((metric) => [metric, meanOf(poolValues(own, method, metric).values)]),
      ),
    ])
    const others = methods.filter((method) => method !== RANKER)
    return {
      group,
      numCases: own.reduce((sum, { numCases }) => sum + numCases, 0),
      metrics: Object.fromEntries(metrics),
      comparisons: others.flatMap((method) =>
        COMPARED.flatMap((metric): Comparison[] => {
          const difference = differenceOf(
            poolValues(own, RANKER, metric),
            poolValues(own, method, metric),
          )
          return difference === undefined ? [] : [{ with: method, metric, ...difference }]
        }),
      ),
    }
  })
}

function meanOf(values: Float32Array): number | null {
  const defined = values.filter((value) => !Number.isNaN(value))
  if (defined.length === 0) return null
  return defined.reduce((sum, value) => sum + value, 0) / defined.length
}
