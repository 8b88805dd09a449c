import { RecommenderError } from '../errors.ts'
import type { HorizonEvaluation, HorizonListKey } from './horizon-metrics.ts'
import { meanDefined } from './mean-defined.ts'

/** Metrics over the cases of several evaluations. */
export interface PooledEvaluation {
  /** Name of the scorer. */
  readonly scorer: string
  /** Means over all cases in which a metric is defined: a cut with more users weighs more. */
  readonly metrics: Readonly<Record<HorizonListKey, number>>
  /** The evaluations' cases one after the other; a user comes once for each evaluation that asks about them. */
  readonly perCase: HorizonEvaluation['perCase']
}

/**
 * Returns one scorer's evaluations at several cuts as one, for intervals by user over all of them.
 *
 * Metrics of all lists together (P90 coverage) are left out: what the catalogue shows at one time is no
 * matter of several.
 *
 * @param evaluations - Of the same data set, with the same options.
 * @throws {@link RecommenderError} `INVALID_INPUT` if there are none, or they differ in scorer or metrics.
 */
export function poolEvaluations(evaluations: readonly HorizonEvaluation[]): PooledEvaluation {
  const [first] = evaluations
  if (first === undefined) {
    throw new RecommenderError('INVALID_INPUT', 'Expected at least one evaluation, got none.')
  }
  const keys = Object.keys(first.perCase.values) as HorizonListKey[]
  const describe = ({ scorer, perCase }: HorizonEvaluation): string =>
    `${scorer}: ${Object.keys(perCase.values).join(', ')}`
  const other = evaluations.find((one) => describe(one) !== describe(first))
  if (other !== undefined) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected evaluations of one scorer with the same metrics, got '${describe(first)}' and '${describe(other)}'.`,
    )
  }
  const values: Record<HorizonListKey, Float32Array> = {}
  const metrics: Record<HorizonListKey, number> = {}
  for (const key of keys) {
    const pooled = Float32Array.from(
      evaluations.flatMap(({ perCase }) => Array.from(perCase.values[key] as Float32Array)),
    )
    values[key] = pooled
    metrics[key] = meanDefined(pooled)
  }
  const userRows = Int32Array.from(
    evaluations.flatMap(({ perCase }) => Array.from(perCase.userRows)),
  )
  return { scorer: first.scorer, metrics, perCase: { userRows, values } }
}
