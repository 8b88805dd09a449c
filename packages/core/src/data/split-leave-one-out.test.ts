import { expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { splitLeaveOneOut } from './split-leave-one-out.ts'

const dataset = buildDataset([
  [
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 5],
  ],
  [
    [5, 0],
    [6, 1],
  ],
  [
    [7, 3],
    [8, 4],
    [9, 6],
  ],
])
const DAY = 86_400_000

test('withholds the last event for the test and the one before it for validation', () => {
  const { validation, test: cases } = splitLeaveOneOut(dataset)
  expect(cases).toEqual([
    { userRow: 0, historyEnd: 3, asOfMs: 5 * DAY, targets: Int32Array.of(4) },
    { userRow: 2, historyEnd: 8, asOfMs: 6 * DAY, targets: Int32Array.of(9) },
  ])
  expect(validation).toEqual([
    { userRow: 0, historyEnd: 2, asOfMs: 2 * DAY, targets: Int32Array.of(3) },
    { userRow: 2, historyEnd: 7, asOfMs: 4 * DAY, targets: Int32Array.of(8) },
  ])
})

test('trains on everything before, and on all events of short users', () => {
  expect(splitLeaveOneOut(dataset).trainEnds).toEqual(Int32Array.of(2, 6, 7))
})

test('asks nothing of users shorter than minLength', () => {
  const { trainEnds, test: cases } = splitLeaveOneOut(dataset, { minLength: 4 })
  expect(cases.map(({ userRow }) => userRow)).toEqual([0])
  expect(trainEnds).toEqual(Int32Array.of(2, 6, 9))
})

test('refuses a minLength that leaves no event to train on', () => {
  expect(() => splitLeaveOneOut(dataset, { minLength: 2 })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})
