import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { splitByTime } from '../data/split-by-time.ts'
import type { Scorer } from '../scorer.ts'
import { buildDataset } from '../testing.ts'
import { evaluateStaleness } from './staleness.ts'

const users: [number, number][][] = [
  [
    [1, 2],
    [2, 13],
    [3, 39],
    [3, 40],
  ],
  [
    [3, 12],
    [3, 41],
  ],
  [
    [2, 33],
    [2, 42],
  ],
]
const dataset = buildDataset(users, { numItems: 3 })
const { test: cases } = splitByTime(dataset, { testCutMs: 40 * DAY_MS, horizonMs: 7 * DAY_MS })

/** Puts the item bought last first. */
const lastItem: Scorer = {
  name: 'last',
  scoreBatch(histories, scores) {
    scores.fill(0)
    histories.forEach(({ itemRows, asOfMs, quantities, timestampMs }, b) => {
      expect(asOfMs).toBe(40 * DAY_MS)
      expect([quantities.length, timestampMs.length]).toEqual([itemRows.length, itemRows.length])
      const last = itemRows.at(-1)
      if (last !== undefined) scores[b * 4 + last] = 1
    })
  },
}

describe('evaluateStaleness', () => {
  test('ends the histories before the age, with the same targets and the same repeats', async () => {
    const created: number[] = []
    const points = await evaluateStaleness(
      (ageDays) => {
        created.push(ageDays)
        return lastItem
      },
      cases,
      { dataset, ks: [1] },
    )
    expect(created).toEqual([0, 7, 28])
    expect(points.map(({ ageDays }) => ageDays)).toEqual([0, 7, 28])
    const recall = points.map(({ evaluation }) => evaluation.perCase.values['recall@1'])
    // Days 33 and 12 are 7 and 28 days before day 40 and so not known.
    expect(recall).toEqual([
      Float32Array.of(1, 1, 1),
      Float32Array.of(0, 1, 0),
      Float32Array.of(0, 0, 0),
    ])
    for (const { evaluation } of points) {
      expect(evaluation.perCase.values['repeat_recall@1']).toEqual(
        evaluation.perCase.values['recall@1'],
      )
      expect(evaluation.perCase.values['explore_recall@1']).toEqual(Float32Array.of(NaN, NaN, NaN))
    }
  })

  test('measures the ages asked for and tells the progress over all of them', async () => {
    const progress: string[] = []
    const points = await evaluateStaleness(() => lastItem, cases, {
      dataset,
      ks: [1],
      agesDays: [6.5, 0],
      onProgress: ({ numDone, numCases }) => progress.push(`${numDone}/${numCases}`),
    })
    expect(points.map(({ evaluation }) => evaluation.metrics['recall@1'])).toEqual([
      // Day 33 is known, day 39 is not.
      expect.closeTo(2 / 3, 6),
      1,
    ])
    expect(progress).toEqual(['3/6', '6/6'])
  })

  test('refuses an age below 0, data without real times, and stops when asked', async () => {
    const run = (options: object): Promise<unknown> =>
      evaluateStaleness(() => lastItem, cases, { dataset, ks: [1], ...options })
    await expect(run({ agesDays: [-1] })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    const ordinal = buildDataset(users, { timeKind: 'ordinal' })
    await expect(run({ dataset: ordinal })).rejects.toMatchObject({ code: 'DATASET_MISMATCH' })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(run({ signal })).rejects.toThrow('enough')
  })
})
