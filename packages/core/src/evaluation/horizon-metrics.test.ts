import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { ItemCatalog } from '../data/item-catalog.ts'
import type { RankingCase } from '../data/ranking-case.ts'
import type { Scorer } from '../scorer.ts'
import { buildDataset } from '../testing.ts'
import { evaluateHorizon, type HorizonListMetric } from './horizon-metrics.ts'

const dataset = buildDataset(
  [
    [
      [1, 1],
      [2, 2],
      [2, 10],
      [5, 11],
      [6, 12],
    ],
    [
      [3, 3],
      [3, 10],
    ],
    [
      [4, 3],
      [1, 12],
    ],
  ],
  { numItems: 6 },
)
const asOfMs = 10 * DAY_MS
const cases: RankingCase[] = [
  { userRow: 0, historyEnd: 2, asOfMs, targets: Int32Array.of(2, 5, 6) },
  { userRow: 1, historyEnd: 6, asOfMs, targets: Int32Array.of(3) },
  { userRow: 2, historyEnd: 8, asOfMs, targets: Int32Array.of(1) },
]

/** Ranks 2, 4, 6, 5, 3, 1 for everyone, and padding above all, which must not matter. */
const fixed: Scorer = {
  name: 'fixed',
  scoreBatch(histories, scores) {
    histories.forEach((_, b) => {
      scores.set([99, 1, 6, 2, 5, 3, 4], b * 7)
    })
  },
}
const options = { dataset, ks: [2, 3] }
const unset = Number.NaN

describe('evaluateHorizon', () => {
  test.each<[HorizonListMetric, at2: number[], at3: number[]]>([
    // User 0 owns 1, 2 and buys 2, 5, 6; user 1 owns and buys 3; user 2 owns 4 and buys 1.
    ['recall', [1 / 2, 0, 0], [2 / 3, 0, 0]],
    ['hit_rate', [1, 0, 0], [1, 0, 0]],
    ['repeat_recall', [1, 0, unset], [1, 0, unset]],
    ['explore_recall', [0, unset, 0], [1 / 2, unset, 0]],
    // Without what they own: 4, 6, 5, 3 for user 0 and 2, 6, 5, 3, 1 for user 2.
    ['new_item_recall', [1 / 2, unset, 0], [1, unset, 0]],
    ['repeat_only_recall', [1, 1, unset], [1, 1, unset]],
    ['repeat_share', [1 / 2, 0, 1 / 2], [1 / 3, 0, 1 / 3]],
  ])('%s by case at 2 and 3', async (name, at2, at3) => {
    const { perCase, metrics } = await evaluateHorizon(fixed, cases, options)
    expect(perCase.userRows).toEqual(Int32Array.of(0, 1, 2))
    expect(perCase.values[`${name}@2`]).toEqual(Float32Array.from(at2))
    expect(perCase.values[`${name}@3`]).toEqual(Float32Array.from(at3))
    const defined = at3.filter((value) => !Number.isNaN(value))
    const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length
    expect(metrics[`${name}@3`]).toBeCloseTo(mean, 6)
  })

  test('NDCG, the lists and P90 coverage', async () => {
    const result = await evaluateHorizon(fixed, cases, options)
    expect(result.topK).toEqual(Int32Array.of(2, 4, 6, 2, 4, 6, 2, 4, 6))
    expect(result.maxK).toBe(3)
    expect(result.scorer).toBe('fixed')
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4)
    const gain = 1 + 1 / Math.log2(4)
    expect(result.metrics['ndcg@3']).toBeCloseTo(gain / ideal / 3, 6)
    expect(result.metrics['p90_coverage@2']).toBe(2 / 6)
    expect(result.metrics['p90_coverage@3']).toBe(3 / 6)
  })

  test('divides by all targets where the protocol of next-basket work is asked for', async () => {
    const { metrics } = await evaluateHorizon(fixed, cases, {
      ...options,
      ks: [1],
      denominator: 'targets',
    })
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4)
    expect(metrics['recall@1']).toBeCloseTo(1 / 3 / 3, 6)
    expect(metrics['ndcg@1']).toBeCloseTo(1 / ideal / 3, 6)
    expect(metrics['hit_rate@1']).toBeCloseTo(1 / 3, 6)
  })

  test('weighs recall by the value of an item or of a target', async () => {
    const byItem = Float32Array.of(0, 1, 2, 3, 4, 5, 6)
    const { perCase } = await evaluateHorizon(fixed, cases, { ...options, values: byItem })
    expect(perCase.values['value_recall@2']).toEqual(Float32Array.of(2 / (6 + 5), 0, 0))
    expect(perCase.values['value_recall@3']).toEqual(Float32Array.of((2 + 6) / (6 + 5 + 2), 0, 0))
    const byTarget = [Float32Array.of(10, unset, 5), Float32Array.of(0), Float32Array.of(1)]
    const other = await evaluateHorizon(fixed, cases, { ...options, values: byTarget })
    expect(other.perCase.values['value_recall@2']).toEqual(Float32Array.of(10 / 15, unset, 0))
    const all = await evaluateHorizon(fixed, cases, {
      ...options,
      values: byItem,
      denominator: 'targets',
    })
    expect(all.perCase.values['value_recall@2']?.[0]).toBeCloseTo(2 / 13, 6)
  })

  test('finds the categories of the targets at each level of the tree', async () => {
    const paths = [['a'], ['a', 'x'], ['b', 'x'], ['b', 'y'], ['c'], undefined]
    const catalog = new ItemCatalog(
      paths.map((categoryPath, i) => ({ itemId: `i${i + 1}`, categoryPath })),
    )
    const { perCase, metrics } = await evaluateHorizon(fixed, cases, {
      dataset: { ...dataset, catalog },
      ks: [2],
    })
    // The list 2, 4 shows a and b; a/x and b/y. The targets are of a and c; of b; of a.
    expect(perCase.values['category_recall_1@2']).toEqual(Float32Array.of(1 / 2, 1, 1))
    expect(perCase.values['category_recall_2@2']).toEqual(Float32Array.of(1, 0, unset))
    expect(metrics['category_breadth@2']).toBe(2)
  })

  test('gives the share of popular items in the lists', async () => {
    const popular = Uint8Array.of(0, 0, 0, 0, 1, 0, 1)
    const { metrics } = await evaluateHorizon(fixed, cases, { ...options, popular })
    expect(metrics['popular_share@2']).toBe(1 / 2)
    expect(metrics['popular_share@3']).toBeCloseTo(2 / 3, 6)
  })

  test('measures at 10 and 20, and only what the options and the catalogue allow', async () => {
    const { metrics } = await evaluateHorizon(fixed, cases, { dataset })
    expect(Object.keys(metrics).length).toBe(2 * 9)
    expect(metrics['recall@20']).toBe(1)
  })

  test('shows nothing that is scored -Infinity, in any of the rankings', async () => {
    const onlyItem5: Scorer = {
      name: 'only 5',
      scoreBatch: (histories, scores) => {
        scores.fill(-Infinity)
        histories.forEach((_, b) => {
          scores[b * 7 + 5] = 1
        })
      },
    }
    const { topK, perCase } = await evaluateHorizon(onlyItem5, cases, options)
    expect(topK.subarray(0, 3)).toEqual(Int32Array.of(5, 0, 0))
    expect(perCase.values['repeat_only_recall@3']).toEqual(Float32Array.of(0, 0, unset))
    expect(perCase.values['repeat_share@3']).toEqual(new Float32Array(3))
  })

  test('scores in batches, tells its progress and stops when asked', async () => {
    const progress: number[] = []
    const whole = await evaluateHorizon(fixed, cases, options)
    const parts = await evaluateHorizon(fixed, cases, {
      ...options,
      batchSize: 2,
      onProgress: ({ numDone }) => progress.push(numDone),
    })
    expect(progress).toEqual([2, 3])
    expect(parts.perCase).toEqual(whole.perCase)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(evaluateHorizon(fixed, cases, { ...options, signal })).rejects.toThrow('enough')
  })

  const twoValues = { values: Float32Array.of(1, 2) }
  const shortTargets = {
    values: [Float32Array.of(1, 2, 3), new Float32Array(2), new Float32Array(1)],
  }
  const negative = { values: Float32Array.of(0, 0, -1, 0, 0, 0, 0) }
  test.each<[string, RankingCase[], object, string]>([
    ['no cases', [], {}, 'INVALID_INPUT'],
    ['no cut-off', cases, { ks: [] }, 'INVALID_INPUT'],
    ['a cut-off of 0', cases, { ks: [0] }, 'INVALID_OPTION'],
    ['another denominator', cases, { denominator: 'k' }, 'INVALID_OPTION'],
    ['values of other items', cases, twoValues, 'SHAPE_MISMATCH'],
    ['values of other targets', cases, shortTargets, 'SHAPE_MISMATCH'],
    ['a negative value', cases, negative, 'INVALID_INPUT'],
    ['marks of other items', cases, { popular: new Uint8Array(3) }, 'SHAPE_MISMATCH'],
  ])('refuses %s', async (_, asked, wrong, code) => {
    await expect(evaluateHorizon(fixed, asked, { ...options, ...wrong })).rejects.toMatchObject({
      code,
    })
  })
})
