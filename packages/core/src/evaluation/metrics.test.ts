import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import {
  catalogCoverage,
  countItemUsers,
  hitRateAtK,
  mrrAtK,
  ndcgAtK,
  novelty,
  recallAtK,
} from './metrics.ts'

const ranked = Int32Array.of(9, 4, 7, 2, 0)
const targets = Int32Array.of(4, 2, 8)

describe('metrics of one list', () => {
  test('recall divides hits by the targets that fit', () => {
    expect(recallAtK(ranked, targets, { k: 5 })).toBe(2 / 3)
    expect(recallAtK(ranked, targets, { k: 2 })).toBe(1 / 2)
    expect(recallAtK(ranked, targets, { k: 1 })).toBe(0)
  })

  test('NDCG sums 1 / log2(rank + 1) and divides by the best possible sum', () => {
    const hitsAt2And4 = 1 / Math.log2(3) + 1 / Math.log2(5)
    const best3 = 1 + 1 / Math.log2(3) + 1 / Math.log2(4)
    expect(ndcgAtK(ranked, targets, { k: 5 })).toBeCloseTo(hitsAt2And4 / best3, 12)
    const best2 = 1 + 1 / Math.log2(3)
    expect(ndcgAtK(ranked, targets, { k: 2 })).toBeCloseTo(1 / Math.log2(3) / best2, 12)
  })

  test('recall and NDCG against all targets, as next-basket papers have it', () => {
    const hitsAt2 = 1 / Math.log2(3)
    const best3 = 1 + 1 / Math.log2(3) + 1 / Math.log2(4)
    expect(recallAtK(ranked, targets, { k: 2, denominator: 'targets' })).toBe(1 / 3)
    expect(ndcgAtK(ranked, targets, { k: 2, denominator: 'targets' })).toBeCloseTo(
      hitsAt2 / best3,
      12,
    )
    expect(recallAtK(ranked, targets, { k: 5, denominator: 'targets' })).toBe(2 / 3)
  })

  test('recall and NDCG are undefined without targets', () => {
    expect(recallAtK(ranked, new Int32Array(0), { k: 5 })).toBeNaN()
    expect(ndcgAtK(ranked, new Int32Array(0), { k: 5 })).toBeNaN()
  })

  test('hit rate and reciprocal rank look at the first hit within k', () => {
    expect(hitRateAtK(ranked, targets, { k: 1 })).toBe(0)
    expect(hitRateAtK(ranked, targets, { k: 2 })).toBe(1)
    expect(mrrAtK(ranked, targets, { k: 1 })).toBe(0)
    expect(mrrAtK(ranked, targets, { k: 5 })).toBe(1 / 2)
  })

  test('a perfect list scores 1 with more targets than places', () => {
    const best = Int32Array.of(4, 2)
    for (const metric of [recallAtK, ndcgAtK, hitRateAtK, mrrAtK]) {
      expect(metric(best, targets, { k: 2 })).toBe(1)
    }
  })

  test('an empty place is no hit', () => {
    const empty = new Int32Array(3)
    expect(recallAtK(empty, Int32Array.of(0), { k: 3 })).toBe(0)
  })
})

describe('metrics of all lists', () => {
  const lists = { topK: Int32Array.of(1, 2, 3, 1, 4, 0), width: 3 }

  test('coverage is the share of the catalogue within the first k', () => {
    expect(catalogCoverage(lists, { k: 1, numItems: 8 })).toBe(1 / 8)
    expect(catalogCoverage(lists, { k: 3, numItems: 8 })).toBe(4 / 8)
  })

  test('novelty is the mean of -log2 of the share of buyers', () => {
    // 8 users; item 1 was bought by all of them, item 2 by 2, items 3 and 4 by nobody, which counts as 1.
    const itemUsers = Int32Array.of(0, 8, 2, 0, 0)
    expect(novelty(lists, { k: 1, itemUsers, numUsers: 8 })).toBeCloseTo(0)
    expect(novelty(lists, { k: 3, itemUsers, numUsers: 8 })).toBe((0 + 2 + 3 + 0 + 3) / 5)
  })

  test('buyers are distinct users with events before their training ends', () => {
    const { sequences } = buildDataset([
      [
        [1, 0],
        [1, 1],
        [2, 2],
      ],
      [
        [1, 0],
        [3, 1],
      ],
      [[3, 0]],
    ])
    const trainEnds = Int32Array.of(3, 4, 5)
    expect(countItemUsers(sequences, { trainEnds, numItems: 3 })).toEqual({
      itemUsers: Int32Array.of(0, 2, 1, 0),
      numUsers: 2,
    })
  })
})
