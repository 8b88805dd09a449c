/** Returns `P(Z > z)` of the standard normal distribution (Abramowitz and Stegun 7.1.26, error below 1.5e-7). */
export function normalSurvival(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * poly * Math.exp(-x * x)
  return z >= 0 ? tail : 1 - tail
}
