import { checkInteger } from '../errors.ts'
import { type ActivityContext, buildActivityTable } from './activity-features.ts'
import { type ActivityCut, createActivityHistory } from './activity-history.ts'
import { type ActivityModel, predictActivity } from './activity-model.ts'
import { visitProbability } from './bg-nbd.ts'
import { countRepeatVisits } from './purchase-counts.ts'
import { trainActivityModel } from './train-activity.ts'
import type { VisitLog } from './visit-log.ts'

/** Options of {@link chooseActivity}. */
export interface ChooseActivityOptions {
  /** The day of the question, days since 1970-01-01 UTC: only visits of days before it are used. */
  readonly asOfDay: number
  /** Days from the question on within which a visit counts; 1 or more. */
  readonly horizonDays: number
  /** Cuts that the logistic model learns from, four weeks apart; 1 or more. @defaultValue 12 */
  readonly numCuts?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** How the probability of a visit is computed, and why so. */
export interface ActivityChoice {
  readonly kind: 'bg-nbd' | 'logistic'
  /** What is known of the shop on the day of the question, BG/NBD fitted to its past included. */
  readonly context: ActivityContext
  /** Trained for the day of the question; `null` where `kind` is `bg-nbd`. */
  readonly logistic: ActivityModel | null
  /**
   * Mean log loss of both on the newest cut whose horizon had ended, each fitted to what was known at that cut. `null`
   * where the log does not reach so far back, or holds too little to train the logistic model.
   */
  readonly logLoss: { readonly bgNbd: number | null; readonly logistic: number | null }
  /** That cut: one horizon before the question. */
  readonly validationDay: number
}

/**
 * Returns the better of BG/NBD and the logistic model to say who visits within the horizon.
 *
 * Both are fitted as on the newest day whose horizon has ended, and compared by log loss over all customers of that day.
 * BG/NBD is the default; the logistic model is taken only when its loss is lower, and then trained again up to the
 * question. Nothing is drawn at random.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if nobody has a repeat visit before the question; `INVALID_OPTION`;
 * `TRAINING_DIVERGED` if BG/NBD cannot be fitted; `ABORTED`.
 */
export function chooseActivity(
  visits: VisitLog,
  { asOfDay, horizonDays, numCuts = 12, signal }: ChooseActivityOptions,
): ActivityChoice {
  checkInteger('asOfDay', asOfDay, -Infinity)
  checkInteger('horizonDays', horizonDays, 1)
  checkInteger('numCuts', numCuts, 1)
  const history = createActivityHistory(visits, { horizonDays, signal })
  const validationDay = asOfDay - horizonDays
  const train = (day: number): ActivityModel | null =>
    trainActivityModel(history, { asOfDay: day, horizonDays, numCuts })
  const logLoss: { bgNbd: number | null; logistic: number | null } = { bgNbd: null, logistic: null }
  if (history.hasRepeats(validationDay)) {
    const cut = history.at(validationDay)
    const candidate = train(validationDay)
    logLoss.bgNbd = meanLogLoss(predictBgNbd(visits, cut.context), cut)
    logLoss.logistic = candidate && meanLogLoss(predictActivity(candidate, cut.features), cut)
  }
  const { context } = history.at(asOfDay)
  const isBetter =
    logLoss.logistic !== null && logLoss.bgNbd !== null && logLoss.logistic < logLoss.bgNbd
  const logistic = isBetter ? train(asOfDay) : null
  const kind = logistic === null ? 'bg-nbd' : 'logistic'
  return { kind, context, logistic, logLoss, validationDay }
}

/** Who may visit, and how likely. */
export interface VisitForecast {
  /** Users with a visit before the question, rising. */
  readonly userRows: Int32Array
  /** Probability of a visit within the horizon, by entry of `userRows`. */
  readonly probabilities: Float64Array
}

/** Returns the probability of a visit within the horizon for all users with a visit before the question. */
export function forecastVisits(
  { context, logistic }: Pick<ActivityChoice, 'context' | 'logistic'>,
  visits: VisitLog,
): VisitForecast {
  if (logistic !== null) {
    const { userRows, features } = buildActivityTable(visits, context)
    return { userRows, probabilities: predictActivity(logistic, features) }
  }
  const { asOfDay, bgNbd } = context
  const { userRows } = countRepeatVisits(visits, { cutDay: asOfDay, unitDays: bgNbd.unitDays })
  return { userRows, probabilities: predictBgNbd(visits, context) }
}

function predictBgNbd(
  visits: VisitLog,
  { asOfDay, horizonDays, bgNbd }: ActivityContext,
): Float64Array {
  const counts = countRepeatVisits(visits, { cutDay: asOfDay, unitDays: bgNbd.unitDays })
  return visitProbability(bgNbd, counts, horizonDays)
}

function meanLogLoss(probabilities: Float64Array, { labels }: ActivityCut): number {
  let sum = 0
  labels.forEach((label, i) => {
    const probability = probabilities[i] as number
    // A sure prediction that fails costs much, but not everything.
    sum -= Math.log(Math.max(label === 1 ? probability : 1 - probability, 1e-12))
  })
  return sum / labels.length
}
