import { checkInteger, RecommenderError } from '../errors.ts'
import { createRng } from '../random.ts'

/** Options of {@link pairedBootstrap}. */
export interface PairedBootstrapOptions {
  readonly seed: number
  /** Samples drawn; 100 or more. @defaultValue 1000 */
  readonly resamples?: number | undefined
}

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
 * Cases are drawn with replacement, both scorers' values of a case together. When the interval excludes
 * 0 the difference is not an accident of who was asked.
 *
 * @param a - Metric by case, for example `perCase.values['recall@10']` of one scorer.
 * @param b - The same of the other scorer, cases in the same order.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the lengths differ or are 0.
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3.
 */
export function pairedBootstrap(
  a: Float32Array,
  b: Float32Array,
  { seed, resamples = 1000 }: PairedBootstrapOptions,
): PairedDifference {
  checkInteger('resamples', resamples, 100)
  if (a.length !== b.length || a.length === 0) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected one value a case from both scorers, got ${a.length} and ${b.length}.`,
    )
  }
  const differences = Float64Array.from(a, (value, i) => value - (b[i] as number))
  const rng = createRng(seed)
  const means = new Float64Array(resamples)
  for (let r = 0; r < resamples; r++) {
    let sum = 0
    for (let i = 0; i < differences.length; i++) {
      sum += differences[rng.nextInt(differences.length)] as number
    }
    means[r] = sum / differences.length
  }
  means.sort()
  const quantile = (share: number): number => means[Math.round(share * (resamples - 1))] as number
  return {
    meanDifference: differences.reduce((sum, value) => sum + value, 0) / differences.length,
    low: quantile(0.025),
    high: quantile(0.975),
  }
}
