import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { cohortLabels, historyLengthLabels, NO_HISTORY } from './segment-labels.ts'

/** 31 days of January 1970; two events of a day are one visit. */
const users: [number, number][][] = [
  [
    [1, 30.9],
    [2, 31.2],
    [3, 31.7],
    [1, 40],
  ],
  [[1, 31]],
  Array.from({ length: 20 }, (_, day) => [1, 400 + day]),
]
const dataset = buildDataset(users)
const caseOf = (userRow: number, historyEnd: number) => ({
  userRow,
  historyEnd,
  asOfMs: Infinity,
  targets: Int32Array.of(1),
})
const cases = [caseOf(0, 3), caseOf(1, 5), caseOf(1, 4), caseOf(2, 25), caseOf(2, 20)]

describe('cohortLabels', () => {
  test('names the month of the first purchase', () => {
    const labels = cohortLabels(dataset, cases)
    expect(labels).toEqual(['1970-01', '1970-02', NO_HISTORY, '1971-02', '1971-02'])
  })

  test('refuses data without real times', () => {
    const ordinal = buildDataset(users, { timeKind: 'ordinal' })
    expect(() => cohortLabels(ordinal, cases)).toThrow(
      expect.objectContaining({ code: 'DATASET_MISMATCH' }),
    )
  })
})

describe('historyLengthLabels', () => {
  test('counts visits of the history', () => {
    expect(historyLengthLabels(dataset, cases)).toEqual(['2-3', '1', NO_HISTORY, '16+', '8-15'])
    const other = historyLengthLabels(dataset, cases, { startsAt: [1, 3] })
    expect(other).toEqual(['1-2', '1-2', NO_HISTORY, '3+', '3+'])
  })

  test.each([{ startsAt: [] }, { startsAt: [2, 3] }, { startsAt: [1, 1] }])(
    'refuses groups that begin at $startsAt',
    (options) => {
      expect(() => historyLengthLabels(dataset, cases, options)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    },
  )
})
