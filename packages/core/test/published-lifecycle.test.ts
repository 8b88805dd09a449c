import { beforeAll, describe, expect, test } from 'vitest'
import { dayOf } from '../src/data/baskets.ts'
import {
  areaUnderRoc,
  brierScore,
  expectedCalibrationError,
} from '../src/evaluation/calibration.ts'
import {
  aliveProbability,
  expectedVisits,
  fitBgNbd,
  visitProbability,
} from '../src/lifecycle/bg-nbd.ts'
import { chooseActivity, forecastVisits } from '../src/lifecycle/choose-activity.ts'
import { fitGammaGamma } from '../src/lifecycle/gamma-gamma.ts'
import { describeLifecycle, LIFECYCLE_STAGES } from '../src/lifecycle/lifecycle-stage.ts'
import { countRepeatVisits, type PurchaseCounts } from '../src/lifecycle/purchase-counts.ts'
import { buildVisitLog, type VisitLog, visitsEnd } from '../src/lifecycle/visit-log.ts'
import { findCdnow, readCdnow } from './read-cdnow.ts'
import { findOnlineRetail, readOnlineRetail } from './read-online-retail.ts'

const cdnowFolder = findCdnow()
const retailFolder = findOnlineRetail()

/** Visits of each customer within the days from the cut on. */
function visitsWithin(
  visits: VisitLog,
  { userRows }: Pick<PurchaseCounts, 'userRows'>,
  { cutDay, horizonDays }: { cutDay: number; horizonDays: number },
): Float64Array {
  return Float64Array.from(
    userRows,
    (u) => visitsEnd(visits, u, cutDay + horizonDays) - visitsEnd(visits, u, cutDay),
  )
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)

/**
 * The fit published with the data (weeks, observed until 1997-09-30), and the forecast of the 39 weeks after it by an
 * independent implementation.
 */
describe.skipIf(cdnowFolder === undefined)('CDNOW (set PERENNIAL_DATA where missing)', () => {
  const question = { cutDay: dayOf(Date.parse('1997-10-01')), horizonDays: 39 * 7 }

  test.each([
    {
      part: 'sample',
      parameters: [0.2426, 4.4136, 0.793, 2.4262],
      logLikelihood: -9582.4,
      totals: [1653, 1882],
      errors: [0.7855, 1.608],
      curves: [0.7725, 0.32],
    },
    {
      part: 'master',
      parameters: [0.2516, 4.7889, 0.7234, 2.1611],
      logLikelihood: -95368.4,
      totals: [16_874, 19_684],
      errors: [0.8187, 1.7329],
      curves: [0.763, 0.32],
    },
  ] as const)('$part has the published BG/NBD fit and forecast', (published) => {
    const visits = buildVisitLog(readCdnow(cdnowFolder as string, published.part))
    const counts = countRepeatVisits(visits, question)
    const model = fitBgNbd(counts)
    const { r, alpha, a, b } = model
    for (const [i, value] of [r, alpha, a, b].entries())
      expect(value / (published.parameters[i] as number)).toBeCloseTo(1, 3)
    expect(model.logLikelihood).toBeCloseTo(published.logLikelihood, 1)
    const expected = expectedVisits(model, counts, question.horizonDays)
    const actual = visitsWithin(visits, counts, question)
    expect(Math.round(total(expected))).toBe(published.totals[0])
    expect(total(actual)).toBe(published.totals[1])
    const errors = expected.map((value, i) => value - (actual[i] as number))
    expect(total(errors.map(Math.abs)) / errors.length).toBeCloseTo(published.errors[0], 4)
    expect(Math.sqrt(total(errors.map((e) => e * e)) / errors.length)).toBeCloseTo(
      published.errors[1],
      3,
    )
    const labels = Uint8Array.from(actual, (count) => (count > 0 ? 1 : 0))
    expect(areaUnderRoc(expected, labels)).toBeCloseTo(published.curves[0], 4)
    const alive = aliveProbability(model, counts)
    expect(areaUnderRoc(alive, labels)).toBeCloseTo(published.curves[1], 2)
  })

  test('sample has the published Gamma-Gamma fit', () => {
    const visits = buildVisitLog(readCdnow(cdnowFolder as string, 'sample'))
    const { p, q, v, numCustomers, correlation, isIndependent } = fitGammaGamma(
      countRepeatVisits(visits, question),
    )
    expect([p, q, v]).toEqual([
      expect.closeTo(6.25, 2),
      expect.closeTo(3.74, 2),
      expect.closeTo(15.45, 1),
    ])
    expect(numCustomers).toBe(946)
    expect(correlation).toBeCloseTo(0.1139, 4)
    expect(isIndependent).toBe(true)
  })
})

describe.skipIf(retailFolder === undefined)(
  'Online Retail II (set PERENNIAL_DATA where missing)',
  () => {
    const horizonDays = 28
    const cutDay = dayOf(Date.parse('2011-09-01'))
    let visits: VisitLog
    let counts: PurchaseCounts
    let labels: Uint8Array

    beforeAll(async () => {
      visits = buildVisitLog((await readOnlineRetail(retailFolder as string)).sequences)
      counts = countRepeatVisits(visits, { cutDay })
      const actual = visitsWithin(visits, counts, { cutDay, horizonDays })
      labels = Uint8Array.from(actual, (count) => (count > 0 ? 1 : 0))
    }, 120_000)

    test('BG/NBD says who visits within 28 days as well as an independent implementation', () => {
      const probabilities = visitProbability(fitBgNbd(counts), counts, horizonDays)
      expect(areaUnderRoc(probabilities, labels)).toBeCloseTo(0.8034, 4)
      expect(brierScore(probabilities, labels)).toBeCloseTo(0.1204, 4)
    })

    test('the logistic model is chosen, ranks better, and is calibrated', () => {
      const choice = chooseActivity(visits, { asOfDay: cutDay, horizonDays })
      expect(choice.kind).toBe('logistic')
      const { userRows, probabilities } = forecastVisits(choice, visits)
      expect(userRows).toEqual(counts.userRows)
      expect(areaUnderRoc(probabilities, labels)).toBeGreaterThan(0.807)
      expect(expectedCalibrationError(probabilities, labels)).toBeLessThan(0.02)
    }, 120_000)

    test('stages tell apart who comes', () => {
      const { stages, expectedVisits: expected } = describeLifecycle(visits, {
        asOfDay: cutDay,
        horizonDays,
        bgNbd: fitBgNbd(counts),
        gammaGamma: fitGammaGamma(counts),
      })
      const shareOf = (stage: (typeof LIFECYCLE_STAGES)[number]): number => {
        const is = labels.filter((_, i) => LIFECYCLE_STAGES[stages[i] as number] === stage)
        return is.reduce((sum, label) => sum + label, 0) / is.length
      }
      expect(shareOf('active')).toBeGreaterThan(1.4 * shareOf('lapsing'))
      expect(shareOf('due')).toBeGreaterThan(1.4 * shareOf('lapsing'))
      expect(shareOf('lapsing')).toBeGreaterThan(2 * shareOf('lapsed'))
      expect(shareOf('returning')).toBeGreaterThan(2 * shareOf('lapsed'))
      const actual = visitsWithin(visits, counts, { cutDay, horizonDays })
      expect(Math.abs(total(expected) / total(actual) - 1)).toBeLessThan(0.2)
    })
  },
)
