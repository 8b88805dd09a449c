import { DAY_MS, dayOf } from '@perennial/core'

/** Returns the day of a date such as `2011-08-01`: days since 1970-01-01 UTC. */
export function dayAt(date: string): number {
  return dayOf(Date.parse(date))
}

/** Returns the date of a day, for example `2011-08-01`. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length)
}

/** Where training cuts may lie, and how many are wanted. */
export interface TrainingCutOptions {
  readonly cutDay: number
  readonly horizonDays: number
  /** First day of the data; a cut has days before it. */
  readonly firstDay: number
  readonly count: number
}

/** Returns the newest starts of months whose horizon is over at the cut, the newest first. */
export function monthStartsBefore({
  cutDay,
  horizonDays,
  firstDay,
  count,
}: TrainingCutOptions): number[] {
  const days: number[] = []
  const month = new Date(cutDay * DAY_MS)
  for (month.setUTCDate(1); days.length < count; month.setUTCMonth(month.getUTCMonth() - 1)) {
    const day = dayOf(month.getTime())
    if (day <= firstDay) break
    if (day + horizonDays <= cutDay) days.push(day)
  }
  return days
}

/** Returns days one horizon apart before the cut, the newest first. */
export function horizonsBefore({
  cutDay,
  horizonDays,
  firstDay,
  count,
}: TrainingCutOptions): number[] {
  return Array.from({ length: count }, (_, n) => cutDay - (n + 1) * horizonDays).filter(
    (day) => day > firstDay,
  )
}
