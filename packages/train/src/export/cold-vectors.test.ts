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
    encoder: { dim: 2, maxLength: 50, similarity: 'dot' },
    objective: 'next',
  })
  expect(Array.from(trained)).toEqual([0, 1, 1, 1, 0, 0, 0])
  const rowOf = (row: number): number[] => Array.from(completed.subarray(2 * row, 2 * row + 2))
  expect(rowOf(2)).toEqual([3, 4])
  expect(rowOf(4)).toEqual([(1 + 3) / 2, (2 + 4) / 2])
  expect(rowOf(5)).toEqual([(1 + 3 + 8) / 3, (2 + 4 + 6) / 3])
  expect(rowOf(6)).toEqual([(1 + 3 + 8) / 3, (2 + 4 + 6) / 3])
  expect(itemTable[8]).toBe(90)
})

test('completeVectors with cosine makes every vector 1 long, and means of vectors that are', () => {
  const { itemTable: completed } = completeVectors(itemTable, {
    dataset,
    trainEnds: [Int32Array.of(3)],
    encoder: { dim: 2, maxLength: 50, similarity: 'cosine' },
    objective: 'next',
  })
  const unit = (x: number, y: number): [number, number] => [
    x / Math.hypot(x, y),
    y / Math.hypot(x, y),
  ]
  const expectRow = (row: number, expected: readonly [number, number]): void => {
    expect(completed[2 * row]).toBeCloseTo(expected[0], 6)
    expect(completed[2 * row + 1]).toBeCloseTo(expected[1], 6)
  }
  const [tea, cocoa, juice] = [unit(1, 2), unit(3, 4), unit(8, 6)]
  expectRow(1, tea)
  expectRow(2, cocoa)
  expectRow(3, juice)
  expectRow(4, unit(tea[0] + cocoa[0], tea[1] + cocoa[1]))
  expectRow(5, unit(tea[0] + cocoa[0] + juice[0], tea[1] + cocoa[1] + juice[1]))
  expectRow(6, unit(tea[0] + cocoa[0] + juice[0], tea[1] + cocoa[1] + juice[1]))
  expect([completed[0], completed[1], itemTable[4]]).toEqual([0, 0, 3])
})

test('completeVectors calls learned what the last visit and the maxLength events before it hold, for a horizon', () => {
  const data = buildDataset([
    [1, 2, 3, 4].map((row) => [row, Math.min(row, 3)] as const),
    [
      [5, 0],
      [6, 0],
    ],
  ])
  const { trained } = completeVectors(itemTable, {
    dataset: data,
    trainEnds: [Int32Array.of(4, 6)],
    encoder: { dim: 2, maxLength: 1, similarity: 'dot' },
    objective: 'horizon',
  })
  // Items 3 and 4 are one visit, after item 2; the other user has a single visit.
  expect(Array.from(trained)).toEqual([0, 0, 1, 1, 1, 0, 0])
})

test('completeVectors calls learned only what a batch can hold: newest events of users with two or more', () => {
  const users = [[[1, 0]], [2, 3, 4, 5].map((itemRow, day) => [itemRow, day] as const)] as const
  const markTrained = (...trainEnds: Int32Array[]): number[] => {
    const data = buildDataset(users, { numItems: 6 })
    const encoder = { dim: 2, maxLength: 1, similarity: 'dot' } as const
    const options = { dataset: data, trainEnds, encoder, objective: 'next' } as const
    return Array.from(completeVectors(itemTable, options).trained)
  }
  // A batch takes the newest maxLength + 1 = 2 events of a user: items 4 and 5, and 3 and 4 one event earlier.
  expect(markTrained(Int32Array.of(1, 5))).toEqual([0, 0, 0, 0, 1, 1, 0])
  expect(markTrained(Int32Array.of(1, 4), Int32Array.of(1, 5))).toEqual([0, 0, 0, 1, 1, 1, 0])
})
