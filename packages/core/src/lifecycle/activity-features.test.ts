import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { ACTIVITY_FEATURES, buildActivityTable, describeActivity } from './activity-features.ts'
import { visitProbability } from './bg-nbd.ts'
import { logSurvival } from './log-normal-hazard.ts'
import { countVisitsOf } from './purchase-counts.ts'
import { buildVisitLog } from './visit-log.ts'

const bgNbd = { r: 0.5, alpha: 4, a: 0.7, b: 2, unitDays: 7, logLikelihood: 0, numCustomers: 1 }
const cadence = { meanLogGap: Math.log(40), logGapDeviation: 0.8 }
const context = { asOfDay: 1000, horizonDays: 28, cadence, bgNbd, logStartDay: 100 }
/** Ages 700, 350, 250, 120, 60 and 10 days; 350 days ago lies in the window of last year. */
const days = Int32Array.of(300, 650, 750, 880, 940, 990)
const numItems = Int32Array.of(1, 2, 3, 4, 5, 3)

function featuresOf(visits: typeof days, options: Partial<typeof context> = {}) {
  const values = describeActivity(
    { days: visits, numItems: numItems.slice(-visits.length) },
    { ...context, ...options },
  )
  return Object.fromEntries(ACTIVITY_FEATURES.map(({ name }, f) => [name, values[f] as number]))
}

describe('describeActivity', () => {
  test('computes each feature by its formula', () => {
    const gaps = [350, 100, 130, 60, 50].map(Math.log)
    const logGap = (gaps.reduce((sum, gap) => sum + gap, 0) + 3 * Math.log(40)) / (5 + 3)
    const survival = (age: number): number =>
      Math.exp(logSurvival(age, { meanLogGap: logGap, logGapDeviation: 0.8 }))
    const counts = countVisitsOf(days, { cutDay: 1000 })
    const probability = visitProbability(bgNbd, counts, 28)[0] as number
    const expected = {
      'activity.visits_28': Math.log(1 + 1),
      'activity.visits_91': Math.log(1 + 2),
      'activity.visits_182': Math.log(1 + 3),
      'activity.visits_365': Math.log(1 + 5),
      'activity.recency': Math.log(10),
      'activity.gap_ratio': Math.log(10) - logGap,
      'activity.hazard': 1 - survival(38) / survival(10),
      'activity.bg_nbd': Math.log(probability / (1 - probability)),
      'activity.tenure': Math.log(700),
      'activity.basket_size': Math.log((1 + 2 + 3 + 4 + 5 + 3) / 6),
      'activity.year_ago': Math.log(1 + 1),
    }
    const features = featuresOf(days)
    expect(Object.keys(features)).toEqual(Object.keys(expected))
    for (const [name, value] of Object.entries(expected))
      expect(features[name], name).toBeCloseTo(value, 12)
  })

  test('has windows of whole days: the day 28 days ago is in, the one before is not', () => {
    expect(featuresOf(Int32Array.of(972))['activity.visits_28']).toBe(Math.log(2))
    expect(featuresOf(Int32Array.of(971))['activity.visits_28']).toBe(0)
    expect(featuresOf(Int32Array.of(636))['activity.year_ago']).toBe(Math.log(2))
    expect(featuresOf(Int32Array.of(635))['activity.year_ago']).toBe(0)
    expect(featuresOf(Int32Array.of(664))['activity.year_ago']).toBe(0)
  })

  test('does not know last year where the log is younger', () => {
    const features = featuresOf(Int32Array.of(990), { logStartDay: 637 })
    expect(features['activity.year_ago']).toBeNaN()
  })
})

test('buildActivityTable describes each user with a visit before the question, by these visits alone', () => {
  const history = Array.from(days, (day) => [1, day] as const)
  const later = [
    [1, 1000],
    [2, 1001],
  ] as const
  const visits = buildVisitLog(buildDataset([[...history, ...later], later, history]).sequences)
  const { userRows, features } = buildActivityTable(visits, context)
  expect(userRows).toEqual(Int32Array.of(0, 2))
  const expected = describeActivity({ days, numItems: new Int32Array(6).fill(1) }, context)
  expect(features).toEqual(Float64Array.of(...expected, ...expected))
})
