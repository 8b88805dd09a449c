import { ItemCatalog } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { expect, test } from 'vitest'
import { completeVectors } from './cold-vectors.ts'

const catalog = new ItemCatalog([
  { itemId: 'tea', categoryPath: ['drinks', 'hot'] },
  { itemId: 'cocoa', categoryPath: ['drinks', 'hot'] },
  { itemId: 'juice', categoryPath: ['drinks', 'cold'] },
  { itemId: 'new tea', categoryPath: ['drinks', 'hot'] },
  { itemId: 'new milk', categoryPath: ['drinks', 'white'] },
  { itemId: 'new lamp', categoryPath: ['home'] },
])
const dataset = {
  ...buildDataset(
    [
      [
        [1, 0],
        [2, 1],
        [3, 2],
        [6, 9],
      ],
    ],
    { numItems: 6 },
  ),
  catalog,
}
const itemTable = Float32Array.of(0, 0, 1, 2, 3, 4, 8, 6, 90, 90, 90, 90, 90, 90)

test('completeVectors gives an untrained item the mean of its narrowest trained category, else of all', () => {
  // The lamp was bought after training ended, so its vector is as untrained as a random one.
  const { itemTable: completed, trained } = completeVectors(itemTable, {
    dataset,
    trainEnds: [Int32Array.of(3)],
    encoder: { dim: 2, maxLength: 50 },
  })
  expect(Array.from(trained)).toEqual([0, 1, 1, 1, 0, 0, 0])
  const rowOf = (row: number): number[] => Array.from(completed.subarray(2 * row, 2 * row + 2))
  expect(rowOf(2)).toEqual([3, 4])
  expect(rowOf(4)).toEqual([(1 + 3) / 2, (2 + 4) / 2])
  expect(rowOf(5)).toEqual([(1 + 3 + 8) / 3, (2 + 4 + 6) / 3])
  expect(rowOf(6)).toEqual([(1 + 3 + 8) / 3, (2 + 4 + 6) / 3])
  expect(itemTable[8]).toBe(90)
})

test('completeVectors calls learned only what a batch can hold: newest events of users with two or more', () => {
  const users = [[[1, 0]], [2, 3, 4, 5].map((itemRow, day) => [itemRow, day] as const)] as const
  const markTrained = (...trainEnds: Int32Array[]): number[] => {
    const data = buildDataset(users, { numItems: 6 })
    const encoder = { dim: 2, maxLength: 1 }
    return Array.from(completeVectors(itemTable, { dataset: data, trainEnds, encoder }).trained)
  }
  // A batch takes the newest maxLength + 1 = 2 events of a user: items 4 and 5, and 3 and 4 one event earlier.
  expect(markTrained(Int32Array.of(1, 5))).toEqual([0, 0, 0, 0, 1, 1, 0])
  expect(markTrained(Int32Array.of(1, 4), Int32Array.of(1, 5))).toEqual([0, 0, 0, 1, 1, 1, 0])
})
