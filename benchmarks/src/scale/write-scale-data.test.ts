import { expect, test } from 'vitest'
import { generateBatches } from './write-scale-data.ts'

test('generateBatches gives exactly the events asked for, sorted by user and time, few items often', () => {
  const size = { numUsers: 50, numItems: 30, numEvents: 1003 }
  const batches = [...generateBatches(size, { seed: 1, batchRows: 100 })]
  expect(batches.map(({ userRows }) => userRows.length)).toEqual([...new Array(10).fill(100), 3])
  const users = batches.flatMap(({ userRows }) => [...userRows])
  const times = batches.flatMap(({ timestampMs }) => [...timestampMs])
  const counts = new Int32Array(31)
  for (const { itemRows } of batches) {
    for (const row of itemRows) counts[row] = (counts[row] as number) + 1
  }
  for (let i = 1; i < users.length; i++) {
    const [before, user] = [users[i - 1] as number, users[i] as number]
    expect(user).toBeGreaterThanOrEqual(before)
    if (user === before) expect(times[i]).toBeGreaterThanOrEqual(times[i - 1] as number)
  }
  expect(Math.max(...users)).toBeLessThan(50)
  expect(counts[0]).toBe(0)
  // The most frequent of 30 items has a share of 1 / (1 + 1/2 + ... + 1/30) = 0.25.
  expect(Math.abs(Math.max(...counts) / 1003 - 0.25)).toBeLessThan(0.05)
})
