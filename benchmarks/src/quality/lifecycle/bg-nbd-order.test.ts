import { createRng, DAY_MS, endsBefore, historyOf } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { expect, test } from 'vitest'
import { createBgNbdOrder } from './bg-nbd-order.ts'

test('createBgNbdOrder ranks own items by expected purchases, then the others by popularity', () => {
  const rng = createRng(3)
  const others = Array.from({ length: 60 }, () =>
    Array.from({ length: 6 }, (_, n) => [1 + rng.nextInt(4), 30 * n + rng.nextInt(20)] as const),
  )
  const asked = [
    [1, 10],
    [2, 10],
    [1, 40],
    [1, 60],
    [3, 60],
    [2, 70],
    [1, 80],
    [1, 100],
    [2, 130],
    [2, 170],
    [2, 175],
  ] as const
  const dataset = buildDataset([asked, ...others], { numItems: 6 })
  const cutDay = 200
  const ends = endsBefore(dataset.sequences, cutDay * DAY_MS)
  const scores = new Float32Array(7).fill(Number.NaN)
  createBgNbdOrder(dataset, ends, { cutDay, horizonDays: 28 }).scoreBatch(
    [historyOf(dataset.sequences, 0, ends[0] as number, cutDay * DAY_MS)],
    scores,
  )
  const [, longAgo, lately, once, popular, never, neither] = scores
  // Bought as often and known as long: then the later purchase means more to come, whatever the parameters.
  expect(lately).toBeGreaterThan(longAgo as number)
  expect([longAgo, lately, once].sort()).toEqual([1, 2, 3])
  // Item 4 is the only one of the rest that anybody bought.
  expect(popular).toBeGreaterThan(never as number)
  expect(never).toBeGreaterThan(neither as number)
  expect(popular).toBeLessThan(0)
})
