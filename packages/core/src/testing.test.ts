import { expect, test } from 'vitest'
import {
  buildDataset,
  checkerboardDataset,
  cyclicDataset,
  indexCases,
  nextInCycle,
} from './testing.ts'

test('buildDataset gives every list of events to one user', () => {
  const { userIds, catalog, sequences } = buildDataset([[[2, 1]], [], [[1, 0.5]]])
  expect(userIds).toEqual(['u0', 'u1', 'u2'])
  expect(catalog.idOf(2)).toBe('i2')
  expect(sequences.offsets).toEqual(Int32Array.of(0, 1, 1, 2))
  expect(sequences.timestampMs).toEqual(Float64Array.of(86_400_000, 43_200_000))
})

test('in cyclicDataset each item follows from the one before', () => {
  const { sequences } = cyclicDataset({ numUsers: 9, numItems: 4, length: 6, seed: 1 })
  const firsts = new Set<number>()
  for (let u = 0; u < 9; u++) {
    const rows = sequences.itemRows.subarray(6 * u, 6 * (u + 1))
    firsts.add(rows[0] as number)
    for (let t = 1; t < 6; t++) expect(rows[t]).toBe(nextInCycle(rows[t - 1] as number, 4))
  }
  expect(firsts.size).toBeGreaterThan(1)
})

test('in checkerboardDataset even users buy even items and no others', () => {
  const { sequences } = checkerboardDataset({ numUsers: 20, numItems: 7, length: 30, seed: 1 })
  const bought = [new Set<number>(), new Set<number>()]
  sequences.itemRows.forEach((row, i) => {
    bought[Math.floor(i / 30) % 2]?.add(row)
  })
  expect(bought.map((rows) => [...rows].sort())).toEqual([
    [2, 4, 6],
    [1, 3, 5, 7],
  ])
})

test('indexCases answers are sorted, allowed and never row 0', () => {
  const { searches } = indexCases({ numItems: 50, dim: 4, numQueries: 4, seed: 1 })
  expect(searches.map(({ itemRows }) => itemRows.length).slice(0, 3)).toEqual([10, 10, 10])
  for (const { itemRows, scores, allowed } of searches) {
    expect(itemRows.includes(0)).toBe(false)
    expect(itemRows.every((row) => allowed === undefined || allowed[row] === 1)).toBe(true)
    expect(scores.slice().sort().reverse()).toEqual(scores)
  }
})
