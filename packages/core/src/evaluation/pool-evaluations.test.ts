import { describe, expect, test } from 'vitest'
import type { RankingCase } from '../data/ranking-case.ts'
import type { Scorer } from '../scorer.ts'
import { buildDataset } from '../testing.ts'
import { evaluateHorizon, type HorizonEvaluation } from './horizon-metrics.ts'
import { poolEvaluations } from './pool-evaluations.ts'

const dataset = buildDataset(
  [
    [
      [1, 1],
      [2, 10],
      [2, 20],
    ],
    [
      [2, 1],
      [2, 21],
    ],
  ],
  { numItems: 3 },
)
/** Ranks 3, 2, 1. */
const byRow: Scorer = {
  name: 'by-row',
  scoreBatch: (histories, scores) => {
    histories.forEach((_, b) => {
      scores.set([0, 1, 2, 3], b * 4)
    })
  },
}
const caseOf = (userRow: number, historyEnd: number): RankingCase => ({
  userRow,
  historyEnd,
  asOfMs: Infinity,
  targets: Int32Array.of(2),
})
const firstCut = [caseOf(0, 1)]
const secondCut = [caseOf(0, 2), caseOf(1, 4)]
const run = (cases: RankingCase[], k: number, scorer = byRow): Promise<HorizonEvaluation> =>
  evaluateHorizon(scorer, cases, { dataset, ks: [k] })

describe('poolEvaluations', () => {
  test('puts the cases of all cuts one after the other', async () => {
    const cuts = [await run(firstCut, 2), await run(secondCut, 2)]
    const { scorer, perCase, metrics } = poolEvaluations(cuts)
    expect(scorer).toBe('by-row')
    expect(perCase.userRows).toEqual(Int32Array.of(0, 0, 1))
    // Item 2 is new to user 0 at the first cut.
    expect(perCase.values['explore_recall@2']).toEqual(Float32Array.of(1, NaN, NaN))
    expect(perCase.values['repeat_share@2']).toEqual(Float32Array.of(0, 1 / 2, 1 / 2))
    expect(metrics['repeat_share@2']).toBeCloseTo(1 / 3, 6)
    expect(metrics['explore_recall@2']).toBe(1)
    expect(Object.keys(metrics)).not.toContain('p90_coverage@2')
  })

  test('refuses none, other metrics and another scorer', async () => {
    const at2 = await run(secondCut, 2)
    const at3 = await run(secondCut, 3)
    const other = await run(secondCut, 2, { ...byRow, name: 'other' })
    for (const wrong of [[], [at2, at3], [at2, other]]) {
      expect(() => poolEvaluations(wrong)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      )
    }
  })
})
