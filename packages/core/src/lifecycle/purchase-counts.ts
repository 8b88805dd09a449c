import { checkInteger, checkNumber } from '../errors.ts'
import { type VisitLog, visitsEnd } from './visit-log.ts'

/** Options of {@link countRepeatVisits}. */
export interface CountRepeatVisitsOptions {
  /** The day the question is asked, days since 1970-01-01 UTC: only visits of days before it count. */
  readonly cutDay: number
  /** Days in one unit of time; above 0. @defaultValue 7, weeks */
  readonly unitDays?: number | undefined
}

/**
 * What buy-till-you-die models know of when customers came: one entry a customer with a visit before the cut.
 *
 * Ages end with the last known day, the day before the cut, so the `t` units after them are the days
 * `cutDay .. cutDay + t unitDays - 1`.
 */
export interface VisitCounts {
  /** `x`: visits after the first one; 0 or more. */
  readonly frequencies: Float64Array
  /** `t_x`: time from the first visit to the last, in units; 0 where `x` is 0. */
  readonly recencies: Float64Array
  /** `T`: time from the first visit to the last known day, in units. */
  readonly ages: Float64Array
  /** Days in one unit of time. */
  readonly unitDays: number
}

/** When the users with a visit before the cut came, and what their visits were worth. */
export interface PurchaseCounts extends VisitCounts {
  /** Rising. */
  readonly userRows: Int32Array
  /** Repeat visits of known value, at most `x`. */
  readonly numValued: Float64Array
  /** Mean value of the repeat visits of known value; NaN where there is none. */
  readonly meanValues: Float64Array
}

/**
 * Returns frequency, recency, age and mean value of each customer at a cut.
 *
 * The first visit is left out of the value as it is of the frequency: how a customer begins says little of how he goes on.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if the day is not an integer or the unit not above 0.
 * @see Fader, Hardie and Lee 2005, "RFM and CLV: Using iso-value curves for customer base analysis", section 3.
 */
export function countRepeatVisits(
  visits: VisitLog,
  { cutDay, unitDays = 7 }: CountRepeatVisitsOptions,
): PurchaseCounts {
  checkInteger('cutDay', cutDay, -Infinity)
  checkNumber('unitDays', unitDays, Number.MIN_VALUE)
  const userRows: number[] = []
  const frequencies: number[] = []
  const recencies: number[] = []
  const ages: number[] = []
  const numValued: number[] = []
  const meanValues: number[] = []
  for (let u = 0; u < visits.numUsers; u++) {
    const start = visits.offsets[u] as number
    const end = visitsEnd(visits, u, cutDay)
    if (end === start) continue
    const firstDay = visits.days[start] as number
    let sum = 0
    let valued = 0
    for (let v = start + 1; v < end; v++) {
      const value = visits.values[v] as number
      if (Number.isNaN(value)) continue
      sum += value
      valued++
    }
    userRows.push(u)
    frequencies.push(end - start - 1)
    recencies.push(((visits.days[end - 1] as number) - firstDay) / unitDays)
    ages.push((cutDay - 1 - firstDay) / unitDays)
    numValued.push(valued)
    meanValues.push(sum / valued)
  }
  return {
    userRows: Int32Array.from(userRows),
    frequencies: Float64Array.from(frequencies),
    recencies: Float64Array.from(recencies),
    ages: Float64Array.from(ages),
    numValued: Float64Array.from(numValued),
    meanValues: Float64Array.from(meanValues),
    unitDays,
  }
}

/**
 * Returns frequency, recency and age of one customer: one entry.
 *
 * @param days - Days of the visits before the cut, rising; one or more.
 */
export function countVisitsOf(
  days: Int32Array,
  { cutDay, unitDays = 7 }: CountRepeatVisitsOptions,
): VisitCounts {
  const firstDay = days[0] as number
  return {
    frequencies: Float64Array.of(days.length - 1),
    recencies: Float64Array.of(((days.at(-1) as number) - firstDay) / unitDays),
    ages: Float64Array.of((cutDay - 1 - firstDay) / unitDays),
    unitDays,
  }
}
