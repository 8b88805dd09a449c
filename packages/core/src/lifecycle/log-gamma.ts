/** Coefficients of Lanczos' series for g = 7 and nine terms (relative error below 1e-14 for real arguments). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const

/** Returns the natural logarithm of the gamma function, for `x` above 0. */
export function logGamma(x: number): number {
  // Below 1/2 the series loses digits; gamma(x) = gamma(x + 1) / x does not.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  const z = x - 1
  let sum: number = LANCZOS[0]
  for (let n = 1; n < LANCZOS.length; n++) sum += (LANCZOS[n] as number) / (z + n)
  const base = z + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(sum)
}
