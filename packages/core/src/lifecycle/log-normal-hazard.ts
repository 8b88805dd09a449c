import { checkNumber } from '../errors.ts'

/** Log-normal time between two purchases: the log of days is normal. */
export interface LogNormalGap {
  /** Mean of the log gap, in log days. */
  readonly meanLogGap: number
  /** Standard deviation of the log gap, above 0, in log days. */
  readonly logGapDeviation: number
}

/** From here on the tail is a continued fraction; below it, a series. */
const TAIL_START = 3
const SQRT_TWO_PI = Math.sqrt(2 * Math.PI)
const NEWTON_STEPS = 100

/**
 * Returns `log P(Z > z)` of the standard normal distribution, with a relative error below 1e-11 for any `z`.
 *
 * `P(Z > 40)` is 3.7e-350, which no float holds; its log is -804.6.
 */
export function normalLogTail(z: number): number {
  if (z === -Infinity) return 0
  if (z === Infinity) return -Infinity
  if (z >= TAIL_START) return -0.5 * z * z - Math.log(SQRT_TWO_PI) + Math.log(millsRatio(z))
  if (z <= -TAIL_START) return Math.log1p(-Math.exp(normalLogTail(-z)))
  return Math.log(0.5 - centralMass(z))
}

/**
 * Returns the log of the probability that the next purchase comes later than `days` after the last one.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if `days` is below 0 or the gap is not one.
 */
export function logSurvival(days: number, gap: LogNormalGap): number {
  checkGap(gap)
  checkNumber('days', days, 0)
  return normalLogTail(zOf(days, gap))
}

/** A customer who has waited, and the days that follow. */
export interface WaitingTime {
  /** Days since the last purchase, 0 or more. */
  readonly recencyDays: number
  /** Length of the horizon in days, 0 or more. */
  readonly horizonDays: number
}

/**
 * Returns the probability of a purchase within `(recency, recency + horizon]` given none before:
 * `1 - S(recency + horizon) / S(recency)`, `S` the log-normal survival.
 *
 * Exact far in the tail, where both survivals are 0 as floats: the ratio is taken between their logs.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if a number of days is below 0 or the gap is not one.
 */
export function probabilityAfterWaiting(
  { recencyDays, horizonDays }: WaitingTime,
  gap: LogNormalGap,
): number {
  checkNumber('horizonDays', horizonDays, 0)
  const waited = logSurvival(recencyDays, gap)
  return 0 - Math.expm1(logSurvival(recencyDays + horizonDays, gap) - waited)
}

/**
 * Returns the days from now by which the next purchase comes with probability `share`, given none in `recencyDays`.
 *
 * @param share - `0..1` without 1, where no day is late enough; 0.5 for the conditional median.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the share or the days are outside, or the gap is not one.
 */
export function waitingQuantile(
  { recencyDays, share }: { readonly recencyDays: number; readonly share: number },
  gap: LogNormalGap,
): number {
  checkNumber('share', share, 0, 1 - Number.EPSILON)
  const wanted = logSurvival(recencyDays, gap) + Math.log1p(-share)
  if (share === 0) return 0
  const z = inverseLogTail(wanted, zOf(recencyDays, gap))
  const days = Math.exp(gap.meanLogGap + gap.logGapDeviation * z)
  return Math.max(days - recencyDays, 0)
}

function zOf(days: number, { meanLogGap, logGapDeviation }: LogNormalGap): number {
  return (Math.log(days) - meanLogGap) / logGapDeviation
}

function checkGap({ meanLogGap, logGapDeviation }: LogNormalGap): void {
  checkNumber('meanLogGap', meanLogGap, -Infinity)
  checkNumber('logGapDeviation', logGapDeviation, Number.MIN_VALUE)
}

/** Returns `P(0 < Z < z)`, negative below 0: `phi(z) (z + z^3/3 + z^5/(3 5) + ...)` (Marsaglia 2004). */
function centralMass(z: number): number {
  let sum = z
  let term = z
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (z * z) / odd
    sum += term
  }
  return (sum * Math.exp(-0.5 * z * z)) / SQRT_TWO_PI
}

/** Returns `P(Z > z) / phi(z)` for `z` of 3 or more: `1/(z + 1/(z + 2/(z + 3/(z + ...))))` (Laplace). */
function millsRatio(z: number): number {
  let fraction = z
  for (let n = 120; n > 0; n--) fraction = z + n / fraction
  return 1 / fraction
}

/**
 * Returns the `z` with `normalLogTail(z) = wanted`, by Newton's method.
 *
 * The log tail falls and is concave, so each tangent meets `wanted` at or right of the root: after the first step
 * the steps only go left, towards it.
 */
function inverseLogTail(wanted: number, start: number): number {
  // Far left the slope vanishes and the first step would leave the numbers.
  let z = Math.max(start, -1)
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const value = normalLogTail(z)
    const slope = -Math.exp(-0.5 * z * z - value) / SQRT_TWO_PI
    const next = z - (value - wanted) / slope
    if (Math.abs(next - z) <= 1e-13 * Math.max(1, Math.abs(z))) return next
    z = next
  }
  return z
}
