import { checkInteger, RecommenderError } from '../errors.ts'
import { type VisitLog, visitsEnd } from './visit-log.ts'

/** How long the customers of a shop wait between visits: log-normal, gaps in days. */
export interface Cadence {
  /** Mean over customers of the mean log gap of each; `exp` of it is the shop's typical gap in days. */
  readonly meanLogGap: number
  /** Standard deviation of all gaps' logs around their customer's shrunk mean. */
  readonly logGapDeviation: number
}

/** Options of {@link measureCadence}. */
export interface MeasureCadenceOptions {
  /** Only visits of days before this one count; days since 1970-01-01 UTC. */
  readonly cutDay: number
}

/** Gaps that the shop's mean counts for in a customer's own. */
const PRIOR_GAPS = 3
/** Deviation below which a shop is not taken to be, so that one of a perfect rhythm gets no division by 0. */
const MIN_DEVIATION = 0.1

/**
 * Returns the cadence of a shop from all gaps between visits before a cut.
 *
 * Each customer counts the same in the mean: weighted by gaps it would be that of the few who come most often.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if no customer has two visits; `INVALID_OPTION` if the day is not an integer.
 */
export function measureCadence(visits: VisitLog, { cutDay }: MeasureCadenceOptions): Cadence {
  checkInteger('cutDay', cutDay, -Infinity)
  let sumOfMeans = 0
  let numCustomers = 0
  for (let u = 0; u < visits.numUsers; u++) {
    const days = visits.days.subarray(visits.offsets[u], visitsEnd(visits, u, cutDay))
    if (days.length < 2) continue
    sumOfMeans += sumLogGaps(days) / (days.length - 1)
    numCustomers++
  }
  if (numCustomers === 0) {
    throw new RecommenderError(
      'INVALID_INPUT',
      'Expected a customer with two visits before the cut to know how long customers wait, got none.',
    )
  }
  const meanLogGap = sumOfMeans / numCustomers
  let squares = 0
  let numGaps = 0
  for (let u = 0; u < visits.numUsers; u++) {
    const days = visits.days.subarray(visits.offsets[u], visitsEnd(visits, u, cutDay))
    const own = ownLogGap(days, { meanLogGap })
    for (let v = 1; v < days.length; v++)
      squares += (Math.log((days[v] as number) - (days[v - 1] as number)) - own) ** 2
    numGaps += Math.max(days.length - 1, 0)
  }
  return { meanLogGap, logGapDeviation: Math.max(MIN_DEVIATION, Math.sqrt(squares / numGaps)) }
}

/**
 * Returns a customer's own mean log gap, shrunk to the shop's: `(sum of log gaps + 3 shop) / (gaps + 3)`.
 *
 * @param days - Days of his visits, rising; of one visit or none, the result is the shop's mean.
 */
export function ownLogGap(days: Int32Array, { meanLogGap }: Pick<Cadence, 'meanLogGap'>): number {
  const numGaps = Math.max(days.length - 1, 0)
  return (sumLogGaps(days) + PRIOR_GAPS * meanLogGap) / (numGaps + PRIOR_GAPS)
}

function sumLogGaps(days: Int32Array): number {
  let sum = 0
  for (let v = 1; v < days.length; v++)
    sum += Math.log((days[v] as number) - (days[v - 1] as number))
  return sum
}
