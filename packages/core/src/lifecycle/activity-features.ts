import { type BgNbdModel, visitProbability } from './bg-nbd.ts'
import { type Cadence, ownLogGap } from './cadence.ts'
import { probabilityAfterWaiting } from './log-normal-hazard.ts'
import { countVisitsOf } from './purchase-counts.ts'
import { type VisitLog, visitsEnd } from './visit-log.ts'

/** A customer's visits before the question, oldest first; one or more. */
export interface CustomerVisits {
  /** Days since 1970-01-01 UTC, rising. */
  readonly days: Int32Array
  /** Distinct items of each visit. */
  readonly numItems: Int32Array
}

/** What is asked, and what is known of the shop. */
export interface ActivityContext {
  /** The day of the question, after all visits. */
  readonly asOfDay: number
  /** Days from the question on within which a visit counts. */
  readonly horizonDays: number
  readonly cadence: Cadence
  /** Fitted to what was known at the question, or earlier. */
  readonly bgNbd: BgNbdModel
  /** First day of the shop's log: nothing is known of windows that begin before it. */
  readonly logStartDay: number
}

/** A customer and what his visits come to. */
interface ActivityFacts extends CustomerVisits, ActivityContext {
  /** Days since the newest visit; 1 or more. */
  readonly recency: number
  /** The customer's own mean log gap, shrunk to the shop's. */
  readonly logGap: number
}

/** One number that the activity model sees of a customer. */
export interface ActivityFeature {
  readonly name: string
  /** How it is computed: natural logarithms, ages and gaps in days. */
  readonly formula: string
  readonly unit: string
  /** NaN where it is not known. */
  readonly compute: (facts: ActivityFacts) => number
}

/** Days of the year after which a weekday comes round again. */
const YEAR_OF_WEEKS = 364
/** Keeps log odds finite. */
const MIN_PROBABILITY = 1e-6

/** What the activity model sees, in the order of its weights. */
export const ACTIVITY_FEATURES: readonly ActivityFeature[] = [
  ...[28, 91, 182, 365].map(
    (window): ActivityFeature => ({
      name: `activity.visits_${window}`,
      formula: `log(1 + visits in the last ${window} days)`,
      unit: 'log visits',
      compute: ({ days, asOfDay }) => Math.log1p(countWithin(days, asOfDay - window, asOfDay)),
    }),
  ),
  {
    name: 'activity.recency',
    formula: 'log(days since the newest visit)',
    unit: 'log days',
    compute: ({ recency }) => Math.log(recency),
  },
  {
    name: 'activity.gap_ratio',
    formula: 'activity.recency - g, g the own mean log gap shrunk to the shop (3 gaps)',
    unit: 'log ratio',
    compute: ({ recency, logGap }) => Math.log(recency) - logGap,
  },
  {
    name: 'activity.hazard',
    formula: '1 - S(recency + horizon) / S(recency), S that of a log-normal gap of mean g',
    unit: 'probability',
    compute: ({ recency, horizonDays, logGap, cadence }) =>
      probabilityAfterWaiting(
        { recencyDays: recency, horizonDays },
        { meanLogGap: logGap, logGapDeviation: cadence.logGapDeviation },
      ),
  },
  {
    name: 'activity.bg_nbd',
    formula: 'log(p / (1 - p)), p the probability of a visit within the horizon by BG/NBD',
    unit: 'log odds',
    compute: ({ days, asOfDay, horizonDays, bgNbd }) => {
      const counts = countVisitsOf(days, { cutDay: asOfDay, unitDays: bgNbd.unitDays })
      const probability = visitProbability(bgNbd, counts, horizonDays)[0] as number
      const bounded = Math.min(Math.max(probability, MIN_PROBABILITY), 1 - MIN_PROBABILITY)
      return Math.log(bounded / (1 - bounded))
    },
  },
  {
    name: 'activity.tenure',
    formula: 'log(days since the first visit)',
    unit: 'log days',
    compute: ({ days, asOfDay }) => Math.log(asOfDay - (days[0] as number)),
  },
  {
    name: 'activity.basket_size',
    formula: 'log(distinct items a visit)',
    unit: 'log items',
    compute: ({ numItems }) =>
      Math.log(numItems.reduce((sum, count) => sum + count, 0) / numItems.length),
  },
  {
    name: 'activity.year_ago',
    formula: 'log(1 + visits in the horizon 364 days earlier)',
    unit: 'log visits',
    compute: ({ days, asOfDay, horizonDays, logStartDay }) => {
      const start = asOfDay - YEAR_OF_WEEKS
      return start < logStartDay
        ? Number.NaN
        : Math.log1p(countWithin(days, start, Math.min(start + horizonDays, asOfDay)))
    },
  },
]

/** Returns the {@link ACTIVITY_FEATURES} of one customer, shape `[numFeatures]`. */
export function describeActivity(
  { days, numItems }: CustomerVisits,
  context: ActivityContext,
): Float64Array {
  const recency = context.asOfDay - (days.at(-1) as number)
  const facts = { ...context, days, numItems, recency, logGap: ownLogGap(days, context.cadence) }
  return Float64Array.from(ACTIVITY_FEATURES, ({ compute }) => compute(facts))
}

/** Features of all users with a visit before a cut. */
export interface ActivityTable {
  /** Rising. */
  readonly userRows: Int32Array
  /** Shape `[numCustomers, numFeatures]`; NaN where not known. */
  readonly features: Float64Array
}

/** Returns the features of all users with a visit before the question. */
export function buildActivityTable(visits: VisitLog, context: ActivityContext): ActivityTable {
  const userRows: number[] = []
  const rows: Float64Array[] = []
  for (let u = 0; u < visits.numUsers; u++) {
    const start = visits.offsets[u] as number
    const end = visitsEnd(visits, u, context.asOfDay)
    if (end === start) continue
    const days = visits.days.subarray(start, end)
    const numItems = visits.numItems.subarray(start, end)
    userRows.push(u)
    rows.push(describeActivity({ days, numItems }, context))
  }
  const features = new Float64Array(rows.length * ACTIVITY_FEATURES.length)
  rows.forEach((row, i) => {
    features.set(row, i * row.length)
  })
  return { userRows: Int32Array.from(userRows), features }
}

/** Returns how many of the rising `days` lie within `[from, to)`. */
function countWithin(days: Int32Array, from: number, to: number): number {
  let count = 0
  for (let v = days.length - 1; v >= 0 && (days[v] as number) >= from; v--)
    if ((days[v] as number) < to) count++
  return count
}
