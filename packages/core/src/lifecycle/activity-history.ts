import {
  type ActivityContext,
  type ActivityTable,
  buildActivityTable,
} from './activity-features.ts'
import type { ActivityExamples } from './activity-model.ts'
import { type BgNbdModel, fitBgNbd } from './bg-nbd.ts'
import { measureCadence } from './cadence.ts'
import { countRepeatVisits } from './purchase-counts.ts'
import { type VisitLog, visitsEnd } from './visit-log.ts'

/** Customers as they were known at a cut, and who of them came within the horizon after it. */
export interface ActivityCut extends ActivityExamples, ActivityTable {
  readonly context: ActivityContext
}

/** The past of a shop, asked at any day of it. */
export interface ActivityHistory {
  /** First day of the log; `Infinity` for an empty one. */
  readonly startDay: number
  /** Returns whether anybody had a repeat visit before a day: without one there is no rhythm to learn. */
  hasRepeats(cutDay: number): boolean
  /** Returns the customers of a day, described by what was known before it. Labels see the horizon after it. */
  at(cutDay: number): ActivityCut
}

/** Options of {@link createActivityHistory}. */
export interface ActivityHistoryOptions {
  /** Days after a cut within which a visit counts; 1 or more. */
  readonly horizonDays: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Returns the past of a shop; each cut is computed once, BG/NBD and cadence from its own past.
 *
 * Ask for the newest cut first: the searches of older ones then start from its fit, which is several times faster.
 */
export function createActivityHistory(
  visits: VisitLog,
  { horizonDays, signal }: ActivityHistoryOptions,
): ActivityHistory {
  const cuts = new Map<number, ActivityCut>()
  const startDay = visits.days.reduce((first, day) => Math.min(first, day), Infinity)
  let newest: { readonly cutDay: number; readonly model: BgNbdModel } | undefined
  const fit = (cutDay: number): BgNbdModel => {
    // From a younger log's fit a search may not get away: little data leaves parameters at the end of their range.
    const start = newest !== undefined && cutDay < newest.cutDay ? newest.model : undefined
    const model = fitBgNbd(countRepeatVisits(visits, { cutDay }), { start, signal })
    if (start === undefined) newest = { cutDay, model }
    return model
  }
  const build = (cutDay: number): ActivityCut => {
    const bgNbd = fit(cutDay)
    const cadence = measureCadence(visits, { cutDay })
    const context = { asOfDay: cutDay, horizonDays, cadence, bgNbd, logStartDay: startDay }
    const table = buildActivityTable(visits, context)
    return { ...table, context, labels: labelVisits(visits, table.userRows, cutDay, horizonDays) }
  }
  return {
    startDay,
    hasRepeats: (cutDay) => {
      for (let u = 0; u < visits.numUsers; u++)
        if (visitsEnd(visits, u, cutDay) - (visits.offsets[u] as number) > 1) return true
      return false
    },
    at: (cutDay) => {
      const cut = cuts.get(cutDay) ?? build(cutDay)
      cuts.set(cutDay, cut)
      return cut
    },
  }
}

function labelVisits(
  visits: VisitLog,
  userRows: Int32Array,
  cutDay: number,
  horizonDays: number,
): Uint8Array {
  return Uint8Array.from(userRows, (u) =>
    visitsEnd(visits, u, cutDay + horizonDays) > visitsEnd(visits, u, cutDay) ? 1 : 0,
  )
}
