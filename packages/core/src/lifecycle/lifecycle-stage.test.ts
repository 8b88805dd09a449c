import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { expectedVisits } from './bg-nbd.ts'
import { expectedVisitValue } from './gamma-gamma.ts'
import { describeLifecycle, LIFECYCLE_STAGES, stageOf } from './lifecycle-stage.ts'
import { countRepeatVisits } from './purchase-counts.ts'
import { buildVisitLog } from './visit-log.ts'

const cadence = { meanLogGap: Math.log(20), logGapDeviation: 1 }
/** A visit every 20 days, so that the typical gap is 20 whatever the shrinkage. */
const regular = Int32Array.of(0, 20, 40)

describe('stageOf', () => {
  test.each([
    ['active', regular, 54, 14 / 20],
    ['due', regular, 56, 16 / 20],
    ['due', regular, 69, 29 / 20],
    ['lapsing', regular, 71, 31 / 20],
    ['lapsing', regular, 99, 59 / 20],
    ['lapsed', regular, 101, 61 / 20],
    ['new', Int32Array.of(40), 41, 1 / 20],
    ['new', Int32Array.of(40), 69, 29 / 20],
    ['lapsing', Int32Array.of(40), 71, 31 / 20],
    ['lapsed', Int32Array.of(40), 101, 61 / 20],
  ] as const)('is %s after %o at day %d', (stage, days, asOfDay, gapRatio) => {
    const answer = stageOf(days, { asOfDay, cadence })
    expect(answer.stage).toBe(stage)
    expect(answer.gapRatio).toBeCloseTo(gapRatio, 10)
    expect(answer.typicalGapDays).toBeCloseTo(20, 10)
  })

  test('is returning after a visit that ended a lapse, until the next visit', () => {
    const stage = (days: number[], asOfDay: number): string =>
      stageOf(Int32Array.from(days), { asOfDay, cadence }).stage
    expect(stage([0, 20, 40, 101], 102)).toBe('returning')
    expect(stage([0, 20, 40, 99], 100)).toBe('active')
    expect(stage([0, 20, 40, 101, 121], 122)).toBe('active')
    expect(stage([0, 61], 62)).toBe('returning')
    // G is now exp((2 log 20 + log 61 + 3 log 20) / 6), about 24 days.
    expect(stage([0, 20, 40, 101], 101 + 36)).toBe('returning')
    expect(stage([0, 20, 40, 101], 101 + 37)).toBe('lapsing')
  })

  test('judges by the own cadence, not by fixed days', () => {
    const weekly = Int32Array.from({ length: 40 }, (_, n) => 7 * n)
    const yearly = Int32Array.of(0, 365, 730, 1095)
    expect(stageOf(weekly, { asOfDay: 39 * 7 + 30, cadence }).stage).toBe('lapsed')
    expect(stageOf(yearly, { asOfDay: 1095 + 30, cadence }).stage).not.toBe('lapsed')
  })
})

describe('describeLifecycle', () => {
  const dataset = buildDataset([
    [0, 20, 40].map((day) => [1, day] as const),
    [],
    [[1, 50]],
    [
      [1, 0],
      [1, 20],
      [1, 200],
    ],
  ])
  const visits = buildVisitLog({ ...dataset.sequences, prices: new Float32Array(7).fill(5) })
  const fitted = { logLikelihood: 0, numCustomers: 3 }
  const bgNbd = { r: 0.5, alpha: 4, a: 0.7, b: 2, unitDays: 7, ...fitted }
  const gammaGamma = { p: 2, q: 4, v: 60, correlation: 0, isIndependent: true, ...fitted }
  const table = describeLifecycle(visits, { asOfDay: 60, horizonDays: 28, bgNbd, gammaGamma })

  test('has an entry for each user with a visit before the question', () => {
    expect(table.userRows).toEqual(Int32Array.of(0, 2, 3))
    const stages = Array.from(table.stages, (stage) => LIFECYCLE_STAGES[stage])
    expect(stages).toEqual(['due', 'new', 'lapsing'])
    expect(table.numVisits).toEqual(Int32Array.of(3, 1, 2))
    expect(table.lastVisitDays).toEqual(Int32Array.of(40, 50, 20))
    expect(table.typicalGapDays[0]).toBeCloseTo(20, 10)
    expect(Array.from(table.gapRatios, (ratio) => ratio * 20)).toEqual([
      expect.closeTo(20, 8),
      expect.closeTo(10, 8),
      expect.closeTo(40, 8),
    ])
  })

  test('expects visits by BG/NBD, and value by Gamma-Gamma where prices are known', () => {
    const counts = countRepeatVisits(visits, { cutDay: 60 })
    expect(table.expectedVisits).toEqual(expectedVisits(bgNbd, counts, 28))
    const values = expectedVisitValue(gammaGamma, counts)
    expect(table.expectedValues).toEqual(table.expectedVisits.map((n, i) => n * (values[i] ?? 0)))
    const options = { asOfDay: 60, horizonDays: 28, bgNbd, gammaGamma: null }
    expect(describeLifecycle(visits, options).expectedValues).toEqual(
      new Float64Array(3).fill(Number.NaN),
    )
  })

  test('takes the cadence that it is given', () => {
    const slow = { meanLogGap: Math.log(160), logGapDeviation: 1 }
    const options = { asOfDay: 60, horizonDays: 28, bgNbd, gammaGamma, cadence: slow }
    const { stages, typicalGapDays } = describeLifecycle(visits, options)
    // Two gaps of 20 days and three of the shop's 160: 20^(2/5) 160^(3/5) = 20 * 8^(3/5).
    expect(typicalGapDays[0]).toBeCloseTo(20 * 8 ** (3 / 5), 8)
    expect(LIFECYCLE_STAGES[stages[0] as number]).toBe('active')
  })

  test('counts in the unit of the model', () => {
    const daily = { ...bgNbd, alpha: 4 * 7, unitDays: 1 }
    const options = { asOfDay: 60, horizonDays: 28, bgNbd: daily, gammaGamma: null }
    describeLifecycle(visits, options).expectedVisits.forEach((count, i) => {
      expect(count).toBeCloseTo(table.expectedVisits[i] as number, 10)
    })
  })
})
