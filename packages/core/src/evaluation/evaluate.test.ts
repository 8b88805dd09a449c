import { describe, expect, test } from 'vitest'
import { splitLeaveOneOut } from '../data/split-leave-one-out.ts'
import type { Scorer } from '../scorer.ts'
import { buildDataset, cyclicDataset, nextInCycle } from '../testing.ts'
import { evaluate } from './evaluate.ts'

const dataset = buildDataset(
  [
    [
      [1, 0],
      [2, 1],
      [3, 2],
    ],
    [
      [4, 0],
      [5, 1],
      [4, 2],
    ],
  ],
  { numItems: 5 },
)
const { trainEnds, test: cases } = splitLeaveOneOut(dataset)
const options = { dataset, trainEnds, excludeSeen: false, ks: [1, 3] }

/** Scores item `i` with `i`, and row 0 highest, which must not matter. */
const byRow: Scorer = {
  name: 'by-row',
  scoreBatch(histories, scores) {
    for (let i = 0; i < scores.length; i++) scores[i] = i % 6 === 0 ? 99 : i % 6
    expect(scores.length).toBe(histories.length * 6)
  },
}

describe('evaluate', () => {
  test('ranks all items and averages over the cases', async () => {
    const result = await evaluate(byRow, cases, options)
    // Both users get 5, 4, 3; the targets are 3 (rank 3) and 4 (rank 2).
    expect(result.topK).toEqual(Int32Array.of(5, 4, 3, 5, 4, 3))
    expect(result.maxK).toBe(3)
    expect(result.scorer).toBe('by-row')
    expect(result.metrics['recall@1']).toBe(0)
    expect(result.metrics['recall@3']).toBe(1)
    expect(result.metrics['mrr@3']).toBeCloseTo((1 / 3 + 1 / 2) / 2, 6)
    expect(result.metrics['ndcg@3']).toBeCloseTo((1 / Math.log2(4) + 1 / Math.log2(3)) / 2, 6)
    expect(result.metrics['hit_rate@3']).toBe(1)
    expect(result.metrics['coverage@3']).toBe(3 / 5)
    // Each of the 2 users trains on one event, so no shown item has more than one buyer: -log2(1 / 2).
    expect(result.metrics['novelty@3']).toBe(1)
    expect(result.perCase.userRows).toEqual(Int32Array.of(0, 1))
    expect(result.perCase.values['mrr@3']).toEqual(Float32Array.of(1 / 3, 1 / 2))
  })

  test('leaves out the items of the history when asked to', async () => {
    const { topK } = await evaluate(byRow, cases, { ...options, excludeSeen: true })
    expect(topK).toEqual(Int32Array.of(5, 4, 3, 3, 2, 1))
  })

  test('fills up with 0 where the catalogue ends', async () => {
    const { topK } = await evaluate(byRow, cases, { ...options, ks: [7] })
    expect(topK.subarray(0, 7)).toEqual(Int32Array.of(5, 4, 3, 2, 1, 0, 0))
  })

  test('measures at 10 and 20 unless told otherwise', async () => {
    const { metrics } = await evaluate(byRow, cases, { ...options, ks: undefined })
    expect(Object.keys(metrics)).toContain('recall@20')
    expect(Object.keys(metrics).length).toBe(2 * 6)
  })

  test('gives a model that knows the order recall@1 of 1', async () => {
    const numItems = 7
    const cyclic = cyclicDataset({ numUsers: 20, numItems, length: 6, seed: 1 })
    const split = splitLeaveOneOut(cyclic)
    const scorer: Scorer = {
      name: 'cycle',
      async scoreBatch(histories, scores) {
        scores.fill(0)
        histories.forEach(({ itemRows }, b) => {
          scores[b * (numItems + 1) + nextInCycle(itemRows.at(-1) as number, numItems)] = 1
        })
      },
    }
    const progress: number[] = []
    const { metrics } = await evaluate(scorer, split.test, {
      dataset: cyclic,
      trainEnds: split.trainEnds,
      excludeSeen: false,
      ks: [1],
      batchSize: 8,
      onProgress: ({ numDone, numCases }) => progress.push(numDone / numCases),
    })
    expect(metrics['recall@1']).toBe(1)
    expect(progress).toEqual([8 / 20, 16 / 20, 1])
  })

  test('stops when the signal is aborted between two batches', async () => {
    const stop = new AbortController()
    setImmediate(() => stop.abort(new Error('enough')))
    const many = Array.from({ length: 1000 }, () => cases).flat()
    const run = evaluate(byRow, many, { ...options, batchSize: 1, signal: stop.signal })
    await expect(run).rejects.toThrow('enough')
  })

  test.each([
    ['writes NaN', (scores: Float32Array) => scores.fill(Number.NaN)],
    ['leaves the last score unwritten', (scores: Float32Array) => scores.fill(0, 0, -1)],
  ])('refuses a scorer that %s', async (_, write) => {
    const scorer: Scorer = {
      name: 'broken',
      scoreBatch: (_histories, scores) => void write(scores),
    }
    await expect(evaluate(scorer, cases, options)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining("'broken'"),
    })
  })

  test.each([
    { title: 'no cases', asked: [], ks: [10], code: 'INVALID_INPUT' },
    { title: 'no cut-off', asked: cases, ks: [], code: 'INVALID_INPUT' },
    { title: 'a cut-off of 0', asked: cases, ks: [0], code: 'INVALID_OPTION' },
  ])('refuses $title', async ({ asked, ks, code }) => {
    await expect(evaluate(byRow, asked, { ...options, ks })).rejects.toMatchObject({ code })
  })
})
