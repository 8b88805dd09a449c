import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { collectHistories, collectVisits, createCoOccurrence } from './item-groups.ts'
import { ItemScores } from './item-scores.ts'

const { sequences } = buildDataset([
  [
    [2, 1],
    [1, 1],
    [2, 1.5],
    [2, 3],
  ],
  [],
  [
    [3, 1],
    [1, 1],
    [2, 9],
  ],
])
const ends = Int32Array.of(4, 4, 6)
const entryOf = (day: number): number => day

describe('collectVisits', () => {
  test('makes a group of the distinct items of each day of each user', () => {
    expect(collectVisits(sequences, ends, { numItems: 3, maxVisitItems: 9, entryOf })).toEqual({
      numItems: 3,
      offsets: Int32Array.of(0, 2, 3, 5),
      itemRows: Int32Array.of(2, 1, 2, 3, 1),
      values: Float64Array.of(1, 1, 3, 1, 1),
    })
  })
})

describe('collectHistories', () => {
  test('makes a group of the distinct items of each user, valued by their newest day', () => {
    expect(collectHistories(sequences, ends, { numItems: 3, entryOf })).toEqual({
      numItems: 3,
      offsets: Int32Array.of(0, 2, 4),
      itemRows: Int32Array.of(2, 1, 3, 1),
      values: Float64Array.of(3, 1, 1, 1),
    })
  })
})

describe('createCoOccurrence', () => {
  test('adds a row of the product of the groups with themselves', () => {
    const addShared = createCoOccurrence(
      collectHistories(sequences, ends, { numItems: 3, entryOf }),
    )
    const row = new ItemScores(3)
    addShared(1, row)
    expect([1, 2, 3].map((itemRow) => row.of(itemRow))).toEqual([1 * 1 + 1 * 1, 1 * 3, 1 * 1])
    row.clear()
    addShared(2, row)
    expect([1, 2, 3].map((itemRow) => row.of(itemRow))).toEqual([3 * 1, 3 * 3, 0])
  })
})
