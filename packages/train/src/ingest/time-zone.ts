import { DAY_MS, RecommenderError } from '@perennial/core'
import { IANAZone } from 'luxon'

const MINUTE_MS = 60_000
/** Clocks change at whole quarters of an hour, so one offset holds for all of a quarter. */
const QUARTER_MS = 900_000

/** Converts between local and universal time in one zone; asks the time zone data about once a day. */
export interface ZoneClock {
  readonly name: string
  /**
   * Returns the UTC time of a local time, both in milliseconds; NaN when clocks skipped it.
   * Of a local time that occurs twice, the first is taken.
   */
  toUtc(localMs: number): number
  /** Returns the local time of a UTC time, both in milliseconds. */
  toLocal(utcMs: number): number
}

/**
 * Creates the clock of an IANA zone.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if the zone is unknown.
 */
export function createZoneClock(name: string): ZoneClock {
  if (!IANAZone.isValidZone(name)) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`timeZone\` (--time-zone) to be an IANA zone such as Europe/London or UTC, got '${name}'.`,
    )
  }
  const zone = IANAZone.create(name)
  const offsetAt = (utcMs: number): number => zone.offset(utcMs) * MINUTE_MS
  /** No offset reaches a day, and no zone changes its clocks twice within three days. */
  const isSteady = (dayMs: number): boolean =>
    offsetAt(dayMs - DAY_MS) === offsetAt(dayMs + 2 * DAY_MS)
  const shiftToUtc = (localMs: number): number => {
    const before = localMs - offsetAt(localMs - DAY_MS)
    if (before + offsetAt(before) === localMs) return before - localMs
    const after = localMs - offsetAt(localMs + DAY_MS)
    return after + offsetAt(after) === localMs ? after - localMs : Number.NaN
  }
  const toUtc = cacheShifts(shiftToUtc, isSteady)
  const toLocal = cacheShifts(offsetAt, isSteady)
  return {
    name,
    toUtc: (localMs) => localMs + toUtc(localMs),
    toLocal: (utcMs) => utcMs + toLocal(utcMs),
  }
}

/** Remembers what to add to a time: once for a day without a change of clocks, else for each quarter. */
function cacheShifts(
  compute: (timeMs: number) => number,
  isSteady: (dayMs: number) => boolean,
): (timeMs: number) => number {
  const byDay = new Map<number, number | Map<number, number>>()
  let lastDay = Number.NaN
  let lastShift = Number.NaN
  return (timeMs) => {
    const day = Math.floor(timeMs / DAY_MS)
    if (day === lastDay) return lastShift
    let known = byDay.get(day)
    if (known === undefined) {
      known = isSteady(day * DAY_MS) ? compute(day * DAY_MS) : new Map<number, number>()
      byDay.set(day, known)
    }
    if (typeof known === 'number') {
      lastDay = day
      lastShift = known
      return known
    }
    const quarter = Math.floor(timeMs / QUARTER_MS)
    const shift = known.get(quarter) ?? compute(quarter * QUARTER_MS)
    known.set(quarter, shift)
    return shift
  }
}
