import { checkInteger, RecommenderError } from '../errors.ts'

/** Numbers by case, for example predicted probabilities. */
export type Predictions = Float32Array | Float64Array

/** Cases of about the same predicted probability. */
export interface ReliabilityBin {
  readonly numCases: number
  /** Lowest and highest probability in the bin. */
  readonly low: number
  readonly high: number
  /** Mean probability: the horizontal place in a reliability chart. */
  readonly meanPredicted: number
  /** Share of outcomes that are 1: the vertical place. */
  readonly meanObserved: number
}

/** Options of {@link reliabilityBins} and {@link expectedCalibrationError}. */
export interface ReliabilityOptions {
  /** Bins of equal count; 1 or more. @defaultValue 10 */
  readonly numBins?: number | undefined
}

/**
 * Returns the bins of a reliability chart, probabilities rising.
 *
 * Cases are sorted by probability and parted into bins of equal count. Equal probabilities are never
 * parted, so that the order of the cases does not matter: a bin ends where its count is reached and the
 * probability changes. Many equal ones make fewer and larger bins.
 *
 * @param probabilities - Predicted, each within `0..1`.
 * @param outcomes - Same shape: 1 where it happened, else 0.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the lengths differ or are 0; `INVALID_INPUT` if a probability
 * is out of range or an outcome neither 0 nor 1; `INVALID_OPTION` if `numBins` is below 1.
 */
export function reliabilityBins(
  probabilities: Predictions,
  outcomes: Uint8Array,
  { numBins = 10 }: ReliabilityOptions = {},
): ReliabilityBin[] {
  checkInteger('numBins', numBins, 1)
  checkProbabilities(probabilities, outcomes)
  const order = positionsRising(probabilities)
  const at = (rank: number): number => probabilities[order[rank] as number] as number
  const bins: ReliabilityBin[] = []
  for (let b = 1, start = 0; b <= numBins; b++) {
    let end = Math.max(start, Math.round((b * order.length) / numBins))
    if (end === start) continue
    while (end < order.length && at(end) === at(end - 1)) end++
    let predicted = 0
    let observed = 0
    for (let rank = start; rank < end; rank++) {
      predicted += at(rank)
      observed += outcomes[order[rank] as number] as number
    }
    const numCases = end - start
    bins.push({
      numCases,
      low: at(start),
      high: at(end - 1),
      meanPredicted: predicted / numCases,
      meanObserved: observed / numCases,
    })
    start = end
  }
  return bins
}

/**
 * Returns the expected calibration error: how far predicted and observed shares lie apart, in `0..1`.
 *
 * `sum over bins b of n_b / n * |meanObserved_b - meanPredicted_b|` over the bins of {@link reliabilityBins}, which
 * has the errors of this function, too.
 *
 * @see Naeini et al. 2015, {@link https://doi.org/10.1609/aaai.v29i1.9602 | Obtaining well calibrated probabilities}.
 * Differs: bins of equal count, not of equal width, since most probabilities of a purchase lie near 0.
 */
export function expectedCalibrationError(
  probabilities: Predictions,
  outcomes: Uint8Array,
  options: ReliabilityOptions = {},
): number {
  return reliabilityBins(probabilities, outcomes, options).reduce(
    (sum, { numCases, meanPredicted, meanObserved }) =>
      sum + (numCases / outcomes.length) * Math.abs(meanObserved - meanPredicted),
    0,
  )
}

/**
 * Returns the Brier score: the mean of `(probability - outcome)^2`, in `0..1`, lower is better.
 *
 * A forecast of the base rate `p` for everyone scores `p * (1 - p)`. Arguments and errors as in
 * {@link reliabilityBins}.
 *
 * @see Brier 1950, Verification of forecasts expressed in terms of probability.
 */
export function brierScore(probabilities: Predictions, outcomes: Uint8Array): number {
  checkProbabilities(probabilities, outcomes)
  let sum = 0
  for (let i = 0; i < outcomes.length; i++) {
    sum += ((probabilities[i] as number) - (outcomes[i] as number)) ** 2
  }
  return sum / outcomes.length
}

/**
 * Returns the mean of `-log(probability of what happened)`, in nats, lower is better.
 *
 * That probability counts as at least 1e-7, so that one certain error costs 16.1, not infinity. Arguments
 * and errors as in {@link reliabilityBins}.
 */
export function logLoss(probabilities: Predictions, outcomes: Uint8Array): number {
  checkProbabilities(probabilities, outcomes)
  let sum = 0
  for (let i = 0; i < outcomes.length; i++) {
    const probability = probabilities[i] as number
    sum -= Math.log(Math.max(1e-7, outcomes[i] === 1 ? probability : 1 - probability))
  }
  return sum / outcomes.length
}

/**
 * Returns the area under the ROC curve: the chance that a case with outcome 1 scores above one with outcome 0,
 * equal scores counting one half; NaN when all outcomes are the same.
 *
 * @param scores - Any numbers, higher for likelier; not only probabilities.
 * @param outcomes - Same shape: 1 where it happened, else 0.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the lengths differ or are 0; `INVALID_INPUT` if a score is NaN
 * or an outcome neither 0 nor 1.
 * @see Hanley and McNeil 1982, {@link https://doi.org/10.1148/radiology.143.1.7063747 | The meaning and use of the
 * area under a ROC curve}: the Wilcoxon statistic.
 */
export function areaUnderRoc(scores: Predictions, outcomes: Uint8Array): number {
  checkOutcomes(scores, outcomes, (score) => !Number.isNaN(score), 'a number')
  const order = positionsRising(scores)
  const at = (rank: number): number => scores[order[rank] as number] as number
  let numPositive = 0
  let wins = 0
  for (let start = 0, numNegativeBelow = 0; start < order.length; ) {
    let positives = 0
    let end = start
    for (; end < order.length && at(end) === at(start); end++) {
      positives += outcomes[order[end] as number] as number
    }
    const negatives = end - start - positives
    wins += positives * (numNegativeBelow + negatives / 2)
    numPositive += positives
    numNegativeBelow += negatives
    start = end
  }
  return wins / (numPositive * (order.length - numPositive))
}

function positionsRising(values: Predictions): Int32Array {
  return Int32Array.from(values, (_, i) => i).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  )
}

function checkProbabilities(probabilities: Predictions, outcomes: Uint8Array): void {
  checkOutcomes(probabilities, outcomes, (value) => value >= 0 && value <= 1, 'within 0..1')
}

function checkOutcomes(
  predictions: Predictions,
  outcomes: Uint8Array,
  isFit: (prediction: number) => boolean,
  expected: string,
): void {
  if (predictions.length !== outcomes.length || outcomes.length === 0) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected a prediction and an outcome for each of at least one case, got ${predictions.length} and ${outcomes.length}.`,
    )
  }
  for (let i = 0; i < outcomes.length; i++) {
    if (isFit(predictions[i] as number) && (outcomes[i] as number) <= 1) continue
    throw new RecommenderError(
      'INVALID_INPUT',
      `Expected predictions ${expected} and outcomes of 0 or 1, got ${predictions[i]} and ${outcomes[i]} for case ${i}.`,
    )
  }
}
