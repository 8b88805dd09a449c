import { checkNumber, RecommenderError } from '../errors.ts'
import { logGamma } from './log-gamma.ts'
import { minimize } from './nelder-mead.ts'
import type { PurchaseCounts } from './purchase-counts.ts'

/**
 * A fitted Gamma-Gamma model: the value of a visit is `Gamma(p, nu)` around the customer's own mean, and `nu` is
 * `Gamma(q, v)` over customers.
 */
export interface GammaGammaModel {
  readonly p: number
  /** Above 1. */
  readonly q: number
  /** In the unit of the values. */
  readonly v: number
  readonly logLikelihood: number
  /** Customers with a repeat visit of known value above 0: those of the fit. */
  readonly numCustomers: number
  /** Pearson correlation of the number of repeat visits with their mean value, over the customers of the fit. */
  readonly correlation: number
  /**
   * Whether frequency and value are nearly independent, as the model takes them to be: `|correlation|` is at most
   * `maxCorrelation`. Where it is false, value times visits is biased for the most frequent customers.
   */
  readonly isIndependent: boolean
}

/** Options of {@link fitGammaGamma}. */
export interface FitGammaGammaOptions {
  /** Above this the model's assumption counts as broken; within `[0, 1]`. @defaultValue 0.3 */
  readonly maxCorrelation?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Logs of parameters beyond this are refused: the likelihood hardly changes there, and is rounded the more. */
const MAX_LOG = 12
const NUM_STARTS = 3

/**
 * Returns the Gamma-Gamma model of largest likelihood, and whether its assumption holds.
 *
 * The logs of `p`, `q - 1` and `v` are searched by the simplex method from three starts, `p = 1, 4, 16`, each with `q = 3`
 * and `v` such that the model's mean is that of the data; the best end is taken.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if fewer than two customers have repeat visits of known value above 0;
 * `INVALID_OPTION`; `TRAINING_DIVERGED` if no search ends; `ABORTED`.
 * @see Fader and Hardie 2013, "The Gamma-Gamma Model of Monetary Value", eq. 1a.
 * Differs: `q` is held above 1, below which the mean value of a visit is infinite.
 */
export function fitGammaGamma(
  { numValued, meanValues }: PurchaseCounts,
  { maxCorrelation = 0.3, signal }: FitGammaGammaOptions = {},
): GammaGammaModel {
  checkNumber('maxCorrelation', maxCorrelation, 0, 1)
  const known = Array.from(numValued.keys()).filter((i) => (meanValues[i] as number) > 0)
  if (known.length < 2) {
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected two or more customers with repeat visits of known value above 0 to fit Gamma-Gamma, got ${known.length}.`,
    )
  }
  const x = Float64Array.from(known, (i) => numValued[i] as number)
  const values = Float64Array.from(known, (i) => meanValues[i] as number)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const likelihood = createLogLikelihood(x, values)
  const best = Array.from({ length: NUM_STARTS }, (_, n) => {
    const p = 4 ** n
    return minimize((logs) => -likelihood(logs), [p, 2, (2 * mean) / p].map(Math.log), { signal })
  }).reduce((least, end) => (end.value < least.value ? end : least))
  const [p, qAboveOne, v] = Array.from(best.point, Math.exp) as [number, number, number]
  const correlation = pearson(x, values)
  return {
    p,
    q: 1 + qAboveOne,
    v,
    logLikelihood: -best.value,
    numCustomers: known.length,
    correlation,
    isIndependent: Math.abs(correlation) <= maxCorrelation,
  }
}

/**
 * Returns the expected value of each customer's next visit: the shop's mean for one without a repeat visit of known value,
 * and the closer to his own mean the more visits he made.
 *
 * `E[M] = p (v + x m) / (p x + q - 1)`, `m` the mean value of his `x` repeat visits.
 *
 * @returns Shape `[numCustomers]`, by entry of `counts`, in the unit of the values.
 * @see Fader and Hardie 2013, eq. 5.
 */
export function expectedVisitValue(
  { p, q, v }: GammaGammaModel,
  { numValued, meanValues }: PurchaseCounts,
): Float64Array {
  return numValued.map((x, i) => {
    const total = x === 0 ? 0 : x * (meanValues[i] as number)
    return (p * (v + total)) / (p * x + q - 1)
  })
}

/** Returns the log-likelihood as a function of the logs of `p`, `q - 1` and `v`; `-Infinity` out of bounds. */
function createLogLikelihood(
  numValued: Float64Array,
  meanValues: Float64Array,
): (logs: Float64Array) => number {
  // What depends on x alone is computed once for each x: most customers share theirs.
  const byNumber = new Map<number, number>()
  for (const x of numValued) byNumber.set(x, (byNumber.get(x) ?? 0) + 1)
  const logMeans = meanValues.map(Math.log)
  const totals = numValued.map((x, i) => x * (meanValues[i] as number))
  return (logs) => {
    if (logs.some((log) => Math.abs(log) > MAX_LOG)) return -Infinity
    const [p, qAboveOne, v] = Array.from(logs, Math.exp) as [number, number, number]
    const q = 1 + qAboveOne
    let sum = numValued.length * (q * Math.log(v) - logGamma(q))
    for (const [x, count] of byNumber)
      sum += count * (logGamma(p * x + q) - logGamma(p * x) + p * x * Math.log(x))
    for (let i = 0; i < numValued.length; i++) {
      const shape = p * (numValued[i] as number)
      sum += (shape - 1) * (logMeans[i] as number)
      sum -= (shape + q) * Math.log(v + (totals[i] as number))
    }
    return sum
  }
}

/** Returns the correlation of two columns; 0 where one of them is constant. */
function pearson(a: Float64Array, b: Float64Array): number {
  const meanA = a.reduce((sum, value) => sum + value, 0) / a.length
  const meanB = b.reduce((sum, value) => sum + value, 0) / b.length
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const da = (a[i] as number) - meanA
    const db = (b[i] as number) - meanB
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb)
}
