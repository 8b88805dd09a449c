/** Scores that stand for the middle and the best candidate; see {@link standingOf}. */
export interface ScoreScale {
  /** Score with standing 0. */
  readonly middle: number
  /** Score with standing 1; equal to `middle` when all are equal. */
  readonly best: number
}

/** Natural logarithms between standing 0 and 1: the middle candidate counts for `exp(-4)`, 1/55, of the best. */
const RANGE = 4
/** Below it a weight no longer lowers a standing. */
const LOWEST_WEIGHT = 1e-6

/**
 * Returns the scale of candidates from their scores: the median, of an even number the lower one, and the highest score.
 *
 * @param scores - NaN and infinite scores are left out.
 */
export function scaleOf(scores: Float32Array): ScoreScale {
  const finite = new Float32Array(scores.length)
  let numFinite = 0
  for (let i = 0; i < scores.length; i++)
    if (Number.isFinite(scores[i])) finite[numFinite++] = scores[i] as number
  if (numFinite === 0) return { middle: 0, best: 0 }
  const sorted = finite.subarray(0, numFinite).sort()
  return {
    middle: sorted[(numFinite - 1) >> 1] as number,
    best: sorted[numFinite - 1] as number,
  }
}

/**
 * Returns where a score stands among the candidates: `(score - middle) / (best - middle)`, 1 for the best, 0 for the
 * middle one, less for those below. Scores of any scale and zero give the same standings. 1 when all are equal.
 */
export function standingOf(score: number, { middle, best }: ScoreScale): number {
  return best === middle ? 1 : (score - middle) / (best - middle)
}

/**
 * Returns what a weight adds to a standing: `ln(weight) / 4`, 0 for a weight of 1.
 *
 * Scores of a ranker are logarithms of odds up to scale, so that weights multiply odds.
 *
 * @param weight - 0 or more; below a millionth as a millionth.
 */
export function weightToStanding(weight: number): number {
  return weight === 1 ? 0 : Math.log(Math.max(weight, LOWEST_WEIGHT)) / RANGE
}
