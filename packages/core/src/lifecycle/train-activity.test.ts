import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { buildDataset } from '../testing.ts'
import { createActivityHistory } from './activity-history.ts'
import { alignBias, predictActivity } from './activity-model.ts'
import { type BgNbdModel, fitBgNbd } from './bg-nbd.ts'
import { countRepeatVisits } from './purchase-counts.ts'
import { trainActivityModel } from './train-activity.ts'
import { buildVisitLog } from './visit-log.ts'

const MONTH = 28

/** 600 customers, new ones in every month of three years, who come in `shareOf(month)` of the months since. */
function historyOf(shareOf: (month: number) => number) {
  const rng = createRng(13)
  const users = Array.from({ length: 600 }, () => {
    const firstMonth = rng.nextInt(39)
    return Array.from(
      { length: 39 },
      (_, month) => [1, MONTH * month + rng.nextInt(MONTH)] as const,
    )
      .slice(firstMonth)
      .filter((_, n) => n === 0 || rng.next() < shareOf(firstMonth + n))
  })
  return createActivityHistory(buildVisitLog(buildDataset(users).sequences), {
    horizonDays: MONTH,
  })
}

/** Mean probability of a visit in a month, as asked on its first day. */
function meanAt(history: ReturnType<typeof historyOf>, month: number): number {
  const asOfDay = MONTH * month
  const model = trainActivityModel(history, { asOfDay, horizonDays: MONTH, numCuts: 13 })
  if (model === null) throw new Error('There is enough to learn from.')
  const probabilities = predictActivity(model, history.at(asOfDay).features)
  return probabilities.reduce((sum, p) => sum + p, 0) / probabilities.length
}

describe('trainActivityModel', () => {
  test('follows the season of the year before, of 13 months', () => {
    const history = historyOf((month) => (month % 13 === 8 ? 0.5 : 0.25))
    const between = (0.25 + 0.5) / 2
    expect(meanAt(history, 26 + 7)).toBeLessThan(between)
    expect(meanAt(history, 26 + 8)).toBeGreaterThan(between)
    // The newest month was the busy one; the year before a quiet one followed it.
    expect(meanAt(history, 26 + 9)).toBeLessThan(between)
  })

  test('has the bias of the newest month, and what the year before added to it', () => {
    const history = historyOf(() => 0.25)
    const biasOf = (month: number): { bias: number; biasAt: (month: number) => number } => {
      const asOfDay = MONTH * month
      const model = trainActivityModel(history, { asOfDay, horizonDays: MONTH, numCuts: 6 })
      if (model === null) throw new Error('There is enough to learn from.')
      const biasAt = (cut: number): number => alignBias(model, history.at(MONTH * cut)).bias
      return { bias: model.bias, biasAt }
    }
    const old = biasOf(30)
    expect(old.bias).toBeCloseTo(old.biasAt(29) + old.biasAt(17) - old.biasAt(16), 10)
    // A year before is month 1, when the log was too young to describe anybody.
    const young = biasOf(15)
    expect(young.bias).toBeCloseTo(young.biasAt(14), 10)
  })

  test('has nothing to say before there are ten of each outcome for each feature', () => {
    const history = historyOf((month) => (month < 2 ? 0.2 : 0.001))
    const options = { horizonDays: MONTH, numCuts: 6 }
    expect(trainActivityModel(history, { asOfDay: MONTH * 9, ...options })).toBe(null)
    expect(trainActivityModel(history, { asOfDay: 0, ...options })).toBe(null)
  })
})

describe('createActivityHistory', () => {
  test('describes a cut by its past and labels it by its horizon', () => {
    const days = [
      [0, 30, 60, 88],
      [0, 30, 87],
      [60, 70],
    ]
    const visits = buildVisitLog(
      buildDataset(days.map((user) => user.map((day) => [1, day] as const))).sequences,
    )
    const history = createActivityHistory(visits, { horizonDays: MONTH })
    expect(history.startDay).toBe(0)
    expect([30, 31].map((day) => history.hasRepeats(day))).toEqual([false, true])
    const { userRows, labels, context } = history.at(60)
    expect(userRows).toEqual(Int32Array.of(0, 1))
    // Days 60 to 87 count.
    expect(labels).toEqual(Uint8Array.of(1, 1))
    expect(history.at(61).labels).toEqual(Uint8Array.of(1, 1, 1))
    expect(history.at(61).userRows.length).toBe(3)
    expect(context.cadence.meanLogGap).toBeCloseTo(Math.log(30), 12)
  })

  test('fits BG/NBD to the past of each cut, in whatever order they are asked for', () => {
    const rng = createRng(14)
    const users = Array.from({ length: 300 }, () => {
      const days = [rng.nextInt(200)]
      while (rng.next() > 0.2) days.push((days.at(-1) as number) + 1 + rng.nextInt(60))
      return days.map((day) => [1, day] as const)
    })
    const visits = buildVisitLog(buildDataset(users).sequences)
    const fits = [
      [20, 300],
      [300, 20],
    ].map((cutDays) => {
      const history = createActivityHistory(visits, { horizonDays: MONTH })
      return new Map(cutDays.map((cutDay) => [cutDay, history.at(cutDay).context.bgNbd]))
    }) as [Map<number, BgNbdModel>, Map<number, BgNbdModel>]
    expect(fits[0].get(300)).toEqual(fits[1].get(300))
    expect(fits[0].get(20)?.logLikelihood).toBeCloseTo(fits[1].get(20)?.logLikelihood as number, 2)
    expect(fits[0].get(300)).toEqual(fitBgNbd(countRepeatVisits(visits, { cutDay: 300 })))
  })
})
