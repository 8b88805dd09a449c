import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { measureCadence, ownLogGap } from './cadence.ts'
import { buildVisitLog } from './visit-log.ts'

const logOf = (users: number[][]) =>
  buildVisitLog(buildDataset(users.map((days) => days.map((day) => [1, day] as const))).sequences)

describe('measureCadence', () => {
  test('lets each customer of two visits or more count the same', () => {
    const { meanLogGap, logGapDeviation } = measureCadence(logOf([[0, 10, 20, 30], [5, 45], [7]]), {
      cutDay: 100,
    })
    const mean = (Math.log(10) + Math.log(40)) / 2
    expect(meanLogGap).toBeCloseTo(mean, 12)
    // Around each customer's shrunk mean: three gaps of 10 around (3 log 10 + 3 mean) / 6, one of 40.
    const often = Math.log(10) - (3 * Math.log(10) + 3 * mean) / 6
    const seldom = Math.log(40) - (Math.log(40) + 3 * mean) / 4
    expect(logGapDeviation).toBeCloseTo(Math.sqrt((3 * often ** 2 + seldom ** 2) / 4), 12)
  })

  test('knows nothing from the cut on', () => {
    const past = measureCadence(logOf([[0, 10]]), { cutDay: 20 })
    expect(
      measureCadence(
        logOf([
          [0, 10, 20, 25],
          [19, 21],
        ]),
        { cutDay: 20 },
      ),
    ).toEqual(past)
  })

  test('needs a customer with two visits', () => {
    expect(() => measureCadence(logOf([[0, 30], [3]]), { cutDay: 30 })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

test('ownLogGap moves from the shop to the customer with his gaps', () => {
  const shop = { meanLogGap: Math.log(30) }
  expect(ownLogGap(Int32Array.of(4), shop)).toBeCloseTo(Math.log(30), 12)
  expect(ownLogGap(Int32Array.of(0, 7, 14, 21), shop)).toBeCloseTo(
    (3 * Math.log(7) + 3 * Math.log(30)) / 6,
    12,
  )
})
