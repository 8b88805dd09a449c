import { createNeighborSignals, type Dataset } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import { lifecycleDataset } from '../../test/lifecycle-dataset.ts'
import { timeLabels } from './fit-timing.ts'
import { type BuildListsOptions, buildRankingLists } from './ranking-lists.ts'

const build = (dataset: Dataset, options: Partial<BuildListsOptions> = {}) =>
  buildRankingLists(dataset, {
    horizonDays: 14,
    cutDays: [60, 88],
    createSignals: ({ state }) => createNeighborSignals(state.population),
    ...options,
  })

describe('buildRankingLists', () => {
  test('knows nothing of what happens from a cut on but the outcomes', async () => {
    const known = await build(lifecycleDataset())
    // From day 120 on everybody buys everything.
    const poisoned = await build(
      lifecycleDataset((u) => Array.from({ length: 23 }, (_, n) => [1 + ((u + n) % 23), 121])),
    )
    expect(poisoned).toEqual(known)
    // Within the windows it would have shown.
    const late = await build(
      lifecycleDataset(() => [[9, 121]]),
      { cutDays: [88], horizonDays: 40 },
    )
    const early = await build(lifecycleDataset(), { cutDays: [88], horizonDays: 40 })
    expect(late.features).toEqual(early.features)
    expect(late.isTarget).not.toEqual(early.isTarget)
  })

  test('says of each candidate whether and when it was bought', async () => {
    const dataset = buildDataset([
      [
        [1, 0],
        [2, 5],
        [1, 12],
        [3, 14],
        [1, 16],
      ],
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ])
    const lists = await build(dataset, {
      cutDays: [10],
      horizonDays: 5,
      outcomeDays: 20,
      withoutTargets: true,
    })
    expect(lists.userRows).toEqual(Int32Array.of(0, 1))
    expect(lists.numTargets).toEqual(Int32Array.of(2, 0))
    const first = lists.itemRows.subarray(0, lists.offsets[1])
    expect(first).toEqual(Int32Array.of(1, 2, 3))
    expect(lists.isTarget.subarray(0, 3)).toEqual(Uint8Array.of(1, 0, 1))
    expect(lists.daysUntil.subarray(0, 3)).toEqual(Int32Array.of(2, -1, 4))
    // Known to day 13 alone: the third item's purchase is not.
    const cut = await build(dataset, { cutDays: [10], knownUntilDay: 13, withoutTargets: true })
    expect(cut.daysUntil.subarray(0, 3)).toEqual(Int32Array.of(2, -1, -1))
    const { low, high } = timeLabels(cut, 13)
    // Bought after 2 days: bin [2, 4). Watched for 3 days: that bin or any later one.
    expect([low[0], high[0]]).toEqual([1, 1])
    expect([low[1], high[1]]).toEqual([1, 12])
  })

  test('thins candidates that were neither owned nor bought, and says for how many the rest stand', async () => {
    const whole = await build(lifecycleDataset())
    const thinned = await build(lifecycleDataset(), { keepShare: 0.25, seed: 3 })
    const count = (lists: typeof whole): number =>
      lists.weights.reduce((sum, weight) => sum + (weight > 1 ? weight : 0), 0)
    const owned = (lists: typeof whole): number =>
      lists.weights.filter((weight) => weight === 1).length
    const numNew = whole.itemRows.length - owned(thinned)
    expect(count(whole)).toBe(0)
    expect(Math.abs(count(thinned) - numNew) / numNew).toBeLessThan(0.2)
    expect(thinned.isTarget.reduce((sum, hit) => sum + hit, 0)).toBe(
      whole.isTarget.reduce((sum, hit) => sum + hit, 0),
    )
    expect((await build(lifecycleDataset(), { keepShare: 0.25, seed: 4 })).itemRows).not.toEqual(
      thinned.itemRows,
    )
  })

  test('asks whom it is told to, and stops when told to', async () => {
    const some = await build(lifecycleDataset(), { includes: (u, cut) => u === 3 && cut === 88 })
    expect([...some.userRows]).toEqual([3])
    await expect(
      build(lifecycleDataset(), { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough')
  })
})
