import { buildDataset } from '@perennial/core/testing'
import { expect, test } from 'vitest'
import { recomputeMetrics } from './verify-result.ts'

test('recomputeMetrics counts a hit within ten and discounts it by its rank', () => {
  const dataset = buildDataset([
    [
      [1, 0],
      [2, 1],
    ],
    [
      [2, 0],
      [3, 1],
    ],
    [
      [3, 0],
      [1, 1],
    ],
    [
      [1, 0],
      [4, 1],
    ],
  ])
  const lists = [
    ['i2', 'i3'],
    ['i1', 'i2', 'i3'],
    ['i2', 'i3'],
    [...Array.from({ length: 10 }, (_, i) => `x${i}`), 'i4'],
  ]
  const metrics = recomputeMetrics(
    { scorer: 'model', userIds: ['u0', 'u1', 'u2', 'u3'], lists },
    dataset,
  )
  expect(metrics['hit_rate@10']).toBe(2 / 4)
  expect(metrics['ndcg@10']).toBeCloseTo((1 / Math.log2(2) + 1 / Math.log2(4)) / 4, 12)
})
