import { checkInteger, RecommenderError } from '../errors.ts'
import { createRng } from '../random.ts'
import { meanDefined } from './mean-defined.ts'

/** Options of {@link bootstrapMean} and `pairedBootstrap`. */
export interface BootstrapOptions {
  readonly seed: number
  /** Samples drawn; 100 or more. @defaultValue 1000 */
  readonly resamples?: number | undefined
  /**
   * User of each value. All values of a user are drawn together, which keeps the interval honest where a user
   * is asked more than once, for example at several cuts. @defaultValue each value is drawn on its own
   */
  readonly userRows?: Int32Array | undefined
}

/** A mean and how sure it is. */
export interface MeanInterval {
  /** Mean of the values that are not NaN. */
  readonly mean: number
  /** 2.5 % quantile of the resampled means. */
  readonly low: number
  /** 97.5 % quantile of the resampled means. */
  readonly high: number
}

/**
 * Returns the mean of a metric over cases, with its 95 % percentile interval.
 *
 * Users are drawn with replacement, and a sample's mean is the sum over all values of the users drawn divided by
 * their number. NaN values, cases in which the metric is undefined, are left out.
 *
 * @param values - Metric by case.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if there are no values or not one of `userRows` for each;
 * `INVALID_INPUT` if all are NaN; `INVALID_OPTION` if `resamples` is below 100.
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3; Field and Welsh 2007,
 * {@link https://doi.org/10.1111/j.1467-9868.2007.00593.x | Bootstrapping clustered data}, the cluster bootstrap.
 */
export function bootstrapMean(
  values: Float32Array | Float64Array,
  { seed, resamples = 1000, userRows }: BootstrapOptions,
): MeanInterval {
  checkInteger('resamples', resamples, 100)
  if (values.length === 0 || (userRows ?? values).length !== values.length) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected at least one value and a user for each, got ${values.length} values${userRows === undefined ? '' : ` and ${userRows.length} users`}.`,
    )
  }
  const { sums, counts } = sumByUser(values, userRows)
  const numUsers = sums.length
  if (numUsers === 0) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected a value that is a number, got ${values.length} times NaN: the metric is defined for no case.`,
    )
  }
  const rng = createRng(seed)
  const means = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    let sum = 0
    let count = 0
    for (let i = 0; i < numUsers; i++) {
      const user = rng.nextInt(numUsers)
      sum += sums[user] as number
      count += counts[user] as number
    }
    means[r] = sum / count
  }
  means.sort()
  const quantile = (share: number): number => means[Math.round(share * (resamples - 1))] as number
  return { mean: meanDefined(values), low: quantile(0.025), high: quantile(0.975) }
}

/** Returns sum and number of the values of each user who has any, in order of first appearance. */
function sumByUser(
  values: Float32Array | Float64Array,
  userRows: Int32Array | undefined,
): { sums: Float64Array; counts: Int32Array } {
  const places = new Map<number, number>()
  const sums = new Float64Array(values.length)
  const counts = new Int32Array(values.length)
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return
    const user = userRows?.[i] ?? i
    const place = places.get(user) ?? places.size
    places.set(user, place)
    sums[place] = (sums[place] as number) + value
    counts[place] = (counts[place] as number) + 1
  })
  return { sums: sums.subarray(0, places.size), counts: counts.subarray(0, places.size) }
}
