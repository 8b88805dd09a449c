import { RecommenderError } from '../errors.ts'
import { type BootstrapOptions, bootstrapMean } from './bootstrap-mean.ts'

/** A difference and how sure it is. */
export interface PairedDifference {
  /** Mean of `a - b`. */
  readonly meanDifference: number
  /** 2.5 % quantile of the resampled means. */
  readonly low: number
  /** 97.5 % quantile of the resampled means. */
  readonly high: number
}

/**
 * Returns the mean difference of two scorers over the same cases, with its 95 % percentile interval.
 *
 * Cases, or users with all their cases, are drawn with replacement, both scorers' values of a case together.
 * When the interval excludes 0 the difference is not an accident of who was asked. A case in which either
 * value is NaN is left out.
 *
 * @param a - Metric by case, for example `perCase.values['recall@10']` of one scorer.
 * @param b - The same of the other scorer, cases in the same order.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the lengths differ or are 0; otherwise as
 * {@link bootstrapMean}.
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3.
 */
export function pairedBootstrap(
  a: Float32Array,
  b: Float32Array,
  options: BootstrapOptions,
): PairedDifference {
  if (a.length !== b.length) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected one value a case from both scorers, got ${a.length} and ${b.length}.`,
    )
  }
  const differences = Float64Array.from(a, (value, i) => value - (b[i] as number))
  const { mean, low, high } = bootstrapMean(differences, options)
  return { meanDifference: mean, low, high }
}
