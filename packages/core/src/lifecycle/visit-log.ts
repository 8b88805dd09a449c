import { dayOf } from '../data/baskets.ts'
import type { Sequences } from '../data/sequences.ts'

/**
 * All users' visits, each user's oldest first, as offsets and columns.
 *
 * The visits of user row `u` are the range `offsets[u] .. offsets[u + 1] - 1` of every column. A visit is a whole day,
 * so a cut at the start of a day parts visits cleanly: those of days before it are complete, the others unknown.
 */
export interface VisitLog {
  readonly numUsers: number
  /** Shape `[numUsers + 1]`, not decreasing, first value 0. */
  readonly offsets: Int32Array
  /** Days since 1970-01-01 UTC, rising within a user. */
  readonly days: Int32Array
  /** Distinct items of each visit. */
  readonly numItems: Int32Array
  /** Sum of quantity times price; NaN where a price of the visit is unknown. */
  readonly values: Float64Array
}

/** Returns the events of each user grouped by calendar day (UTC). */
export function buildVisitLog({
  numUsers,
  offsets: eventOffsets,
  itemRows,
  timestampMs,
  quantities,
  prices,
}: Sequences): VisitLog {
  const offsets = new Int32Array(numUsers + 1)
  const days: number[] = []
  const numItems: number[] = []
  const values: number[] = []
  const seen = new Set<number>()
  for (let u = 0; u < numUsers; u++) {
    let day = Number.NaN
    for (let e = eventOffsets[u] as number; e < (eventOffsets[u + 1] as number); e++) {
      const eventDay = dayOf(timestampMs[e] as number)
      if (eventDay !== day) {
        day = eventDay
        days.push(day)
        numItems.push(0)
        values.push(0)
        seen.clear()
      }
      const v = days.length - 1
      seen.add(itemRows[e] as number)
      numItems[v] = seen.size
      values[v] = (values[v] as number) + (quantities[e] as number) * (prices[e] as number)
    }
    offsets[u + 1] = days.length
  }
  return {
    numUsers,
    offsets,
    days: Int32Array.from(days),
    numItems: Int32Array.from(numItems),
    values: Float64Array.from(values),
  }
}

/** Returns the position after the last visit of a user before `day`; the user's offset if there is none. */
export function visitsEnd({ offsets, days }: VisitLog, userRow: number, day: number): number {
  let low = offsets[userRow] as number
  let high = offsets[userRow + 1] as number
  while (low < high) {
    const middle = (low + high) >> 1
    if ((days[middle] as number) < day) low = middle + 1
    else high = middle
  }
  return low
}

/** Returns the visits of user rows `start .. end - 1`, numbered from 0: views of the columns, not copies. */
export function sliceVisitLog(
  { offsets, days, numItems, values }: VisitLog,
  start: number,
  end: number,
): VisitLog {
  const first = offsets[start] as number
  const last = offsets[end] as number
  return {
    numUsers: end - start,
    offsets: offsets.subarray(start, end + 1).map((offset) => offset - first),
    days: days.subarray(first, last),
    numItems: numItems.subarray(first, last),
    values: values.subarray(first, last),
  }
}
