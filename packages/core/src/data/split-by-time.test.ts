import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { DAY_MS } from './columns.ts'
import { endsBefore, splitByTime } from './split-by-time.ts'

const users = [
  [
    [1, 0],
    [2, 10],
    [3, 10],
    [2, 19.9],
    [4, 20],
    [4, 25],
    [5, 29.9],
    [6, 30],
  ],
  [
    [1, 20],
    [2, 21],
  ],
  [
    [7, 9],
    [7, 19],
  ],
] as const
const dataset = buildDataset(users)
const cuts = { testCutMs: 20 * DAY_MS, horizonMs: 10 * DAY_MS }

describe('splitByTime', () => {
  test('takes distinct items of [cut, cut + horizon) as targets of users with a past', () => {
    // User 1 has nothing before day 20; user 2 buys nothing after it.
    expect(splitByTime(dataset, cuts).test).toEqual([
      { userRow: 0, historyEnd: 4, asOfMs: 20 * DAY_MS, targets: Int32Array.of(4, 5) },
    ])
  })

  test('validates one horizon earlier and trains on what comes before that', () => {
    const { validation, trainEnds } = splitByTime(dataset, cuts)
    expect(validation).toEqual([
      { userRow: 0, historyEnd: 1, asOfMs: 10 * DAY_MS, targets: Int32Array.of(2, 3) },
      { userRow: 2, historyEnd: 11, asOfMs: 10 * DAY_MS, targets: Int32Array.of(7) },
    ])
    expect(trainEnds).toEqual(Int32Array.of(1, 8, 11))
  })

  test('moves training and validation with validationCutMs', () => {
    const { validation, trainEnds } = splitByTime(dataset, {
      ...cuts,
      validationCutMs: 9.5 * DAY_MS,
    })
    expect(validation[0]?.asOfMs).toBe(9.5 * DAY_MS)
    expect(trainEnds).toEqual(Int32Array.of(1, 8, 11))
    const earlier = splitByTime(dataset, { ...cuts, validationCutMs: 5 * DAY_MS })
    expect(earlier.trainEnds).toEqual(Int32Array.of(1, 8, 10))
  })

  test('reaches further with a longer horizon', () => {
    const { test: cases } = splitByTime(dataset, {
      ...cuts,
      horizonMs: 10 * DAY_MS + 1,
      validationCutMs: 9 * DAY_MS + 1,
    })
    expect(cases[0]?.targets).toEqual(Int32Array.of(4, 5, 6))
  })

  test('refuses validation targets that reach past the test cut', () => {
    const validationCutMs = 10 * DAY_MS + 1
    expect(() => splitByTime(dataset, { ...cuts, validationCutMs })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })

  test('names the cut that leaves nobody to ask, and when events happen', () => {
    expect(() => splitByTime(dataset, { ...cuts, testCutMs: 60 * DAY_MS })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(
          /`validationCutMs`.*1970-02-20.*1970-01-01T00:00:00.000Z and 1970-01-31/,
        ),
      }),
    )
  })

  test('refuses data that knows only the order of events', () => {
    const ordinal = buildDataset(users, { timeKind: 'ordinal' })
    expect(() => splitByTime(ordinal, cuts)).toThrow(
      expect.objectContaining({ code: 'DATASET_MISMATCH' }),
    )
  })
})

describe('endsBefore', () => {
  test('leaves out an event at the very time', () => {
    expect(endsBefore(dataset.sequences, 20 * DAY_MS)).toEqual(Int32Array.of(4, 8, 12))
    expect(endsBefore(dataset.sequences, 20 * DAY_MS + 1)).toEqual(Int32Array.of(5, 9, 12))
  })

  test('is every start before the first event and every end after the last', () => {
    expect(endsBefore(dataset.sequences, -Infinity)).toEqual(Int32Array.of(0, 8, 10))
    expect(endsBefore(dataset.sequences, Infinity)).toEqual(Int32Array.of(8, 10, 12))
  })
})
