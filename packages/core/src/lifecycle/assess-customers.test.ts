import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { buildDataset } from '../testing.ts'
import { assessCustomers } from './assess-customers.ts'
import { chooseActivity, forecastVisits } from './choose-activity.ts'
import { ACTIVITY_HORIZONS, type VisitModels } from './customer-models.ts'
import { describeLifecycle } from './lifecycle-stage.ts'
import { buildVisitLog, sliceVisitLog } from './visit-log.ts'

/** Customers who come every 40 days, give or take two; the last has not come yet. */
function shop() {
  const rng = createRng(11)
  const users = Array.from({ length: 200 }, () => {
    const days = [rng.nextInt(80)]
    while ((days.at(-1) as number) < 400) days.push((days.at(-1) as number) + 38 + rng.nextInt(5))
    return days.map((day) => [1, day] as const)
  })
  return buildVisitLog(buildDataset([...users, [[1, 900]]]).sequences)
}

describe('assessCustomers', () => {
  const visits = shop()
  const choices = ACTIVITY_HORIZONS.map((horizonDays) =>
    chooseActivity(visits, { asOfDay: 380, horizonDays }),
  )
  const { cadence, bgNbd, logStartDay } = (choices[0] as (typeof choices)[number]).context
  const activity = choices.map((choice, n) => ({
    ...choice,
    horizonDays: ACTIVITY_HORIZONS[n] as (typeof ACTIVITY_HORIZONS)[number],
  }))
  const models: { visits: VisitModels; gammaGamma: null } = {
    visits: { cadence, bgNbd, logStartDay, activity },
    gammaGamma: null,
  }
  const table = assessCustomers(visits, 380, models)

  test('says of the day of the models what they say', () => {
    expect(table.userRows.length).toBe(200)
    expect(table).toMatchObject(
      describeLifecycle(visits, { asOfDay: 380, horizonDays: 28, bgNbd, gammaGamma: null }),
    )
    expect(choices.map(({ kind }) => kind)).toContain('logistic')
    expect(table.visitProbabilities).toEqual(
      choices.map((choice) => forecastVisits(choice, visits).probabilities),
    )
  })

  test('says of another day what is known then', () => {
    const later = assessCustomers(visits, 390, models)
    expect(later.gapRatios).not.toEqual(table.gapRatios)
    expect(later.visitProbabilities).not.toEqual(table.visitProbabilities)
  })

  test('says the same of a customer alone', () => {
    const alone = assessCustomers(sliceVisitLog(visits, 7, 8), 380, models)
    expect(alone.stages[0]).toBe(table.stages[7])
    expect(alone.typicalGapDays[0]).toBe(table.typicalGapDays[7])
    expect(alone.expectedVisits[0]).toBe(table.expectedVisits[7])
    expect(alone.visitProbabilities.map(([probability]) => probability)).toEqual(
      table.visitProbabilities.map((probabilities) => probabilities[7]),
    )
  })
})
