import { ACTIVITY_FEATURES } from './activity-features.ts'
import type { ActivityHistory } from './activity-history.ts'
import {
  type ActivityExamples,
  type ActivityModel,
  alignBias,
  fitActivityModel,
} from './activity-model.ts'

/** Options of {@link trainActivityModel}. */
export interface TrainActivityModelOptions {
  /** The day the model is to be asked; nothing of it or after it is learned from. */
  readonly asOfDay: number
  /** Days within which a visit counts. */
  readonly horizonDays: number
  /** Cuts that are learned from, the newest ones. */
  readonly numCuts: number
}

/** Days between two cuts: four weeks, so that all begin on the same weekday. */
const CUT_SPACING_DAYS = 28
/** Days of log before a cut below which its windows hold too little. */
const MIN_LOG_DAYS = 56
/** Visiting, and not visiting, rows that a weight needs. */
const MIN_OUTCOMES_PER_FEATURE = 10
const YEAR_OF_WEEKS = 364

/**
 * Returns a logistic model for questions asked at `asOfDay`, or `null` where the log holds too little for one.
 *
 * It is fitted to the customers of `numCuts` cuts, four weeks apart, the newest one horizon before the day. Then its bias
 * is set to how busy the shop is: `bias = b(day - h) + b(day - 364) - b(day - 364 - h)`, `b(c)` the bias with which the
 * model predicts as many visits as came in the `h` days from `c` on: the newest window known, and what the year before
 * added from that window to the next. The last two terms are left out where the log does not reach back so far.
 *
 * Too little: fewer than ten rows with a visit, or without one, for each feature.
 */
export function trainActivityModel(
  history: ActivityHistory,
  { asOfDay, horizonDays, numCuts }: TrainActivityModelOptions,
): ActivityModel | null {
  const isUsable = (cutDay: number): boolean =>
    cutDay >= history.startDay + MIN_LOG_DAYS && history.hasRepeats(cutDay)
  const newestDay = asOfDay - horizonDays
  const cutDays = Array.from({ length: numCuts }, (_, n) => newestDay - n * CUT_SPACING_DAYS)
    .filter(isUsable)
    .reverse()
  const examples = concatenate(cutDays.map((cutDay) => history.at(cutDay)))
  const numVisiting = examples.labels.reduce((sum, label) => sum + label, 0)
  const rarer = Math.min(numVisiting, examples.labels.length - numVisiting)
  if (rarer < MIN_OUTCOMES_PER_FEATURE * ACTIVITY_FEATURES.length) return null
  const model = fitActivityModel(examples)
  const biasAt = (cutDay: number): number => alignBias(model, history.at(cutDay)).bias
  let bias = biasAt(newestDay)
  const yearAgo = asOfDay - YEAR_OF_WEEKS
  if (horizonDays <= YEAR_OF_WEEKS && isUsable(yearAgo - horizonDays))
    bias += biasAt(yearAgo) - biasAt(yearAgo - horizonDays)
  return { ...model, bias }
}

function concatenate(parts: readonly ActivityExamples[]): ActivityExamples {
  const size = (of: (part: ActivityExamples) => number): number =>
    parts.reduce((sum, part) => sum + of(part), 0)
  const features = new Float64Array(size((part) => part.features.length))
  const labels = new Uint8Array(size((part) => part.labels.length))
  let row = 0
  let value = 0
  for (const part of parts) {
    features.set(part.features, value)
    labels.set(part.labels, row)
    value += part.features.length
    row += part.labels.length
  }
  return { features, labels }
}
