import {
  createDecayedFrequency,
  createItemKnn,
  createNeighborBlend,
  createPersonalFrequency,
  createPopularity,
  createTifuKnn,
  DAY_MS,
  evaluate,
  type Scorer,
  splitByTime,
  splitLeaveOneOut,
} from '@perennial/core'
import { cyclicDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import { lifecycleDataset, TEST_DAY } from '../../test/lifecycle-dataset.ts'
import { compareScorers, createBaselines } from './compare-scorers.ts'

const dataset = lifecycleDataset()
const split = splitByTime(dataset, { testCutMs: TEST_DAY * DAY_MS, horizonMs: 14 * DAY_MS })
const { trainEnds } = split
const options = { dataset, trainEnds, excludeSeen: false, ks: [5] }
const byRow: Scorer = {
  name: 'by row',
  scoreBatch: (_, scores) => {
    scores.forEach((_, i) => {
      scores[i] = -i % (dataset.catalog.numItems + 1)
    })
  },
}

describe('createBaselines', () => {
  test('leaves out the calendar where only the order is known', () => {
    const names = (data: typeof dataset, ends: Int32Array): string[] =>
      createBaselines(data, ends).map(({ name }) => name)
    const ordinal = {
      ...cyclicDataset({ numUsers: 9, numItems: 5, length: 4, seed: 1 }),
      timeKind: 'ordinal',
    } as const
    const timed = names(dataset, trainEnds)
    expect(timed).toEqual([
      'popularity, all time',
      'popularity, last 30 days',
      'personal-frequency',
      'decayed-frequency',
      'neighbor-blend',
      'item-knn',
      'tifu-knn',
    ])
    expect(names(ordinal, splitLeaveOneOut(ordinal).trainEnds)).toEqual(
      timed.filter((name) => name !== 'popularity, last 30 days' && name !== 'neighbor-blend'),
    )
  })
})

describe('compareScorers', () => {
  test('gives what evaluating each scorer gives, baselines first', async () => {
    const announced: string[] = []
    const evaluations = await compareScorers([byRow], split.test, {
      ...options,
      onScorer: (name) => announced.push(name),
    })
    const scorers = [
      createPopularity(dataset, trainEnds),
      createPopularity(dataset, trainEnds, { windowDays: 30 }),
      createPersonalFrequency(dataset, trainEnds),
      createDecayedFrequency(dataset, trainEnds),
      createNeighborBlend(dataset, trainEnds),
      createItemKnn(dataset, trainEnds),
      createTifuKnn(dataset, trainEnds),
      byRow,
    ]
    expect(evaluations.map(({ scorer }) => scorer)).toEqual(announced)
    expect(announced.at(-1)).toBe('by row')
    expect(evaluations.length).toBe(scorers.length)
    for (const [i, scorer] of scorers.entries()) {
      const { metrics, topK } = await evaluate(scorer, split.test, options)
      expect(evaluations[i]).toMatchObject({ metrics, topK })
    }
  })

  test('leaves out what was bought before when told to', async () => {
    const [popular] = await compareScorers([], split.test, { ...options, excludeSeen: true })
    const { topK, maxK } = popular as NonNullable<typeof popular>
    split.test.forEach(({ userRow, historyEnd }, i) => {
      const { itemRows, offsets } = dataset.sequences
      const seen = itemRows.subarray(offsets[userRow], historyEnd)
      for (const row of topK.subarray(i * maxK, (i + 1) * maxK)) expect(seen).not.toContain(row)
    })
  })

  test('stops when aborted', async () => {
    const abort = new AbortController()
    const announced: string[] = []
    const comparing = compareScorers([byRow], split.test, {
      ...options,
      signal: abort.signal,
      onScorer: (name) => {
        announced.push(name)
        if (announced.length === 2) abort.abort(new Error('stop here'))
      },
    })
    await expect(comparing).rejects.toThrow('stop here')
    expect(announced.length).toBe(2)
  })
})
