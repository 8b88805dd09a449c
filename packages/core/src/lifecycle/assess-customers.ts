import { forecastVisits } from './choose-activity.ts'
import { type CustomerModels, OUTLOOK_DAYS, type VisitModels } from './customer-models.ts'
import { describeLifecycle, type LifecycleTable } from './lifecycle-stage.ts'
import type { VisitLog } from './visit-log.ts'

/** Models that {@link assessCustomers} asks. */
export interface AssessmentModels extends Pick<CustomerModels, 'gammaGamma'> {
  readonly visits: VisitModels
}

/** Where customers stand and how likely they buy; one entry a user with a visit before the question. */
export interface CustomerTable extends LifecycleTable {
  /** By horizon, in the order of `ACTIVITY_HORIZONS`, then by entry: probability of a visit within it. */
  readonly visitProbabilities: readonly Float64Array[]
}

/**
 * Returns stage, expected visits and value within `OUTLOOK_DAYS`, and the probability of a visit within each of
 * `ACTIVITY_HORIZONS`, by models that were learned before; a customer's entry does not depend on who else is asked about.
 *
 * @param visits - Of any of the shop's customers, or of others.
 * @param asOfDay - The day of the question, days since 1970-01-01 UTC: only visits of days before it count.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the day is not an integer.
 */
export function assessCustomers(
  visits: VisitLog,
  asOfDay: number,
  { visits: { cadence, bgNbd, logStartDay, activity }, gammaGamma }: AssessmentModels,
): CustomerTable {
  const options = { asOfDay, horizonDays: OUTLOOK_DAYS, bgNbd, gammaGamma, cadence }
  return {
    ...describeLifecycle(visits, options),
    visitProbabilities: activity.map(({ horizonDays, logistic }) => {
      const context = { asOfDay, horizonDays, cadence, bgNbd, logStartDay }
      return forecastVisits({ context, logistic }, visits).probabilities
    }),
  }
}
