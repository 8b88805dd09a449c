import { describe, expect, test } from 'vitest'
import { climbLadder, type MeasuredRung } from './ladder.ts'

const NUM_LISTS = 200
const userRows = Int32Array.from({ length: NUM_LISTS }, (_, n) => n % 150)
const data = { validationLists: NUM_LISTS, newestLists: 40, trainingLists: 400 }

/** A metric whose values lie around `mean`, each list's a little apart. */
function rung(ranking: MeasuredRung['ranking'], mean: number, spread = 0): MeasuredRung {
  const values = Float32Array.from(
    { length: NUM_LISTS },
    (_, n) => mean + (n % 5) / 100 + (n % 2 === 0 ? spread : -spread),
  )
  return { ranking, values }
}

describe('climbLadder', () => {
  test('takes each rung that beats the best below it, and says so', () => {
    const { ranking, rungs } = climbLadder(
      [
        rung('popularity', 0.1),
        rung('decayed-frequency', 0.3),
        rung('neighbor-blend', 0.29),
        rung('linear-ranker', 0.31),
      ],
      { userRows, data },
    )
    expect(ranking).toBe('linear-ranker')
    expect(rungs.map(({ isUsed }) => isUsed)).toEqual([true, true, false, true, false, false])
    expect(rungs[2]?.sentence).toContain(
      'neighbor-blend: not used, NDCG@10 -0.0100 against decayed-frequency',
    )
    // The best below is what was used last, not the rung before.
    expect(rungs[3]?.difference?.to).toBe('decayed-frequency')
    expect(rungs[4]?.sentence).toBe(
      'ranker: not tried, it needs 500 lists to train on, there are 400.',
    )
    expect(rungs[5]?.sentence).toBe(
      'sequence: not tried, it needs 50 customers who came back in the newest validation window, there are 40.',
    )
  })

  test('takes what was trained only if it is better beyond doubt, and rules on their mean', () => {
    const noisy = climbLadder([rung('popularity', 0.3), rung('ranker', 0.302, 0.2)], {
      userRows,
      data,
    })
    expect(noisy.rungs[4]?.difference?.meanDifference).toBeGreaterThan(0)
    expect(noisy.ranking).toBe('popularity')
    const rule = climbLadder([rung('popularity', 0.3), rung('neighbor-blend', 0.302, 0.2)], {
      userRows,
      data,
    })
    expect(rule.ranking).toBe('neighbor-blend')
  })

  test('leaves lists out of a comparison that one side was not asked about', () => {
    const sequence = rung('sequence', 0.5)
    sequence.values.fill(Number.NaN, 0, 100)
    const { rungs, ranking } = climbLadder([rung('popularity', 0.1), sequence], { userRows, data })
    expect(ranking).toBe('sequence')
    expect(rungs[5]?.mean).toBeCloseTo(0.52, 5)
    expect(rungs[5]?.difference?.meanDifference).toBeCloseTo(0.4, 5)
  })

  test('stays at popularity when nothing could be measured', () => {
    const nothing = climbLadder([], {
      userRows: new Int32Array(0),
      data: { validationLists: 0, newestLists: 0, trainingLists: 0 },
    })
    expect(nothing.ranking).toBe('popularity')
    expect(nothing.rungs[0]).toMatchObject({ isUsed: true, mean: null })
    expect(nothing.rungs[1]?.sentence).toContain('needs 5 customers who came back')
  })
})
