import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { buildDataset } from '../testing.ts'
import { sumTargetValues, valueRecallAtK } from './value-recall.ts'

describe('valueRecallAtK', () => {
  const ranked = Int32Array.of(7, 3, 9, 0)
  const targets = Int32Array.of(3, 4, 9)

  test('divides the value of the hits by the most that k places could hold', () => {
    const values = Float32Array.of(1, 8, 2)
    expect(valueRecallAtK(ranked, targets, { k: 2, values })).toBe(1 / (8 + 2))
    expect(valueRecallAtK(ranked, targets, { k: 4, values })).toBe(3 / 11)
    expect(valueRecallAtK(ranked, targets, { k: 2, values, denominator: 'targets' })).toBe(1 / 11)
  })

  test('leaves out targets of unknown value and is undefined without value', () => {
    expect(valueRecallAtK(ranked, targets, { k: 3, values: Float32Array.of(1, NaN, 3) })).toBe(1)
    expect(valueRecallAtK(ranked, targets, { k: 3, values: Float32Array.of(0, NaN, 0) })).toBeNaN()
  })
})

describe('sumTargetValues', () => {
  const { sequences } = buildDataset([
    [
      [1, 1],
      [1, 10],
      [2, 11],
      [1, 12],
      [1, 17],
    ],
    [
      [2, 3],
      [3, 10],
    ],
  ])
  const prices = Float32Array.of(9, 2, 5, 3, 9, 9, NaN)
  const quantities = Float32Array.of(9, 4, 1, 2, 9, 9, 1)
  const cases = [
    { userRow: 0, historyEnd: 1, asOfMs: 10 * DAY_MS, targets: Int32Array.of(1, 2) },
    { userRow: 1, historyEnd: 6, asOfMs: 10 * DAY_MS, targets: Int32Array.of(3) },
  ]

  test('sums price times quantity over the events of the horizon only', () => {
    const values = sumTargetValues({ ...sequences, prices, quantities }, cases, {
      horizonMs: 7 * DAY_MS,
    })
    expect(values).toEqual([Float32Array.of(2 * 4 + 3 * 2, 5), Float32Array.of(NaN)])
  })

  test('refuses a horizon of 0', () => {
    expect(() => sumTargetValues(sequences, cases, { horizonMs: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
