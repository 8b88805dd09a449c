import { buildDataset } from '@perennial/core/testing'
import { expect, test } from 'vitest'
import { alignLastBaskets } from './tafeng-questions.ts'

test('alignLastBaskets brings all last baskets to one day and keeps the days between', () => {
  const users = [
    [
      [1, 0],
      [2, 1],
      [3, 1],
    ],
    [
      [2, 0],
      [1, 3],
    ],
  ] as const
  const { sequences } = alignLastBaskets(buildDataset(users, { timeKind: 'ordinal' }))
  const days = Array.from(sequences.timestampMs, (time) => time / 86_400_000)
  expect(days).toEqual([999, 1000, 1000, 997, 1000])
})
