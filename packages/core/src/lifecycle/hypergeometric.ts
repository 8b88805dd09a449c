/** Above this a partial sum is divided by it, so that sums of large terms do not overflow. */
const LARGE = 1e200
/** Terms after which a series that has not converged is left: its last terms then matter in no digit shown. */
const MAX_TERMS = 1_000_000
/** Euler's form has terms of both signs below this; the more negative, the more digits they cancel. */
const MIN_EULER_PARAMETER = -8

/**
 * Returns `c (1 - z)^a 2F1(a, b; c; z)`, the form in which BG/NBD needs Gauss' hypergeometric function.
 *
 * The power keeps the value within range for large `a`, and the factor `c` keeps it finite at `c = 0`, where the function
 * has a pole. Summed is Euler's form, `c (1 - z)^(c - b) 2F1(c - a, c - b; c; z)`: in that model `c - a` and `c - b` do not
 * depend on the customer, and terms fall as `z^n n^(c - a - b - 1)`, where those of the plain series rise with his visits
 * before they fall. For `c - a` far below 0 the plain series is summed: its terms are all positive and cancel no digits.
 *
 * @param a - Above 0.
 * @param b - Above 0.
 * @param c - Above -1.
 * @param z - Within `[0, 1)`.
 * @see Abramowitz and Stegun 1964, 15.1.1 and 15.3.3.
 */
export function weightedHypergeometric(a: number, b: number, c: number, z: number): number {
  return c - a >= MIN_EULER_PARAMETER
    ? powerSeries(c - a, c - b, c, z, (c - b) * Math.log1p(-z))
    : powerSeries(a, b, c, z, a * Math.log1p(-z))
}

/** Returns `exp(logFactor) c 2F1(a, b; c; z)` by its power series. */
function powerSeries(a: number, b: number, c: number, z: number, logFactor: number): number {
  let sum = c
  // `c` times the first term after the 1, which divides by `c`.
  let term = a * b * z
  let logScale = logFactor
  for (let n = 1; n < MAX_TERMS && term !== 0; n++) {
    sum += term
    // Beyond the larger parameter terms fall at least about as fast as z^n.
    if (n > Math.abs(a) + Math.abs(b) && Math.abs(term) < 1e-16 * (1 - z) * Math.abs(sum)) break
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z
    if (Math.abs(sum) + Math.abs(term) > LARGE) {
      sum /= LARGE
      term /= LARGE
      logScale += Math.log(LARGE)
    }
  }
  return sum === 0 ? 0 : Math.sign(sum) * Math.exp(Math.log(Math.abs(sum)) + logScale)
}
