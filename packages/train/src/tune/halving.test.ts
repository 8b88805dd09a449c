import { describe, expect, test } from 'vitest'
import { planRungs, rankTrials, searchSecondsLeft, survivors } from './halving.ts'
import type { Trial } from './trial.ts'

const plan = planRungs({ numTrials: 4, eta: 2, minEpochs: 3 })

/** A trial that took 10 s an epoch. */
function trial(id: number, ndcgs: readonly number[], failure?: string): Trial {
  return {
    ...{ id, seed: 1, options: {}, status: 'open' },
    rungs: ndcgs.map((ndcg, r) => ({ epochs: 3 * 2 ** r, ndcg, seconds: 30 * 2 ** r })),
    ...(failure === undefined ? {} : { failure }),
  }
}

function idsOf(trials: readonly Trial[], rung: number): number[] {
  return survivors(trials, { rung, plan }).map(({ id }) => id)
}

describe('planRungs', () => {
  test('gives eta times the epochs to one trial in eta, until one is left', () => {
    expect(planRungs({ numTrials: 9, eta: 3, minEpochs: 2 })).toEqual([
      { epochs: 2, numTrials: 9 },
      { epochs: 6, numTrials: 3 },
      { epochs: 18, numTrials: 1 },
    ])
    const lengths = [1, 2, 26, 27].map(
      (numTrials) => planRungs({ numTrials, eta: 3, minEpochs: 1 }).length,
    )
    expect(lengths).toEqual([1, 1, 3, 4])
  })
})

describe('survivors', () => {
  test('keeps the best of each rung, ties by number', () => {
    const trials = [trial(0, [0.3, 0.4]), trial(1, [0.2]), trial(2, [0.2]), trial(3, [0.3, 0.6])]
    expect(idsOf(trials, 0)).toEqual([0, 1, 2, 3])
    expect(idsOf(trials, 1)).toEqual([0, 3])
    expect(idsOf(trials, 2)).toEqual([3])
  })

  test('leaves out who broke off in a rung, and lets nobody take the place in rungs before', () => {
    const trials = [trial(0, [0.5], 'NaN'), trial(1, [0.4, 0.4]), trial(2, [0.3]), trial(3, [])]
    expect(idsOf(trials, 1)).toEqual([0, 1])
    expect(idsOf(trials, 2)).toEqual([1])
    expect(
      idsOf([trial(0, [], 'NaN'), trial(1, [], 'NaN'), trial(2, [0]), trial(3, [])], 1),
    ).toEqual([2])
  })
})

test('rankTrials goes by rung, then by NDCG@10, and puts broken trials last', () => {
  const trials = [
    trial(0, [0.9]),
    trial(1, [0.1, 0.2]),
    trial(2, [0.9, 0.9], 'NaN'),
    trial(3, [0.1, 0.3]),
  ]
  expect(rankTrials(trials).map(({ id }) => id)).toEqual([3, 1, 0, 2])
})

describe('searchSecondsLeft', () => {
  test('counts the epochs that rungs have left, at the mean seconds an epoch', () => {
    // Two of four trials have their 3 epochs: 6 are left in this rung, 2 * 3 and 1 * 6 in the next ones.
    const trials = [trial(0, [0.1]), trial(1, [0.2]), trial(2, []), trial(3, [])]
    expect(searchSecondsLeft(trials, { rung: 0, plan })).toBe(10 * 18)
    // The third one has 1 epoch more behind it, of 18 s: the mean is (60 + 18) / 7 s.
    const running = { id: 2, epochs: 1, seconds: 18 }
    expect(searchSecondsLeft(trials, { rung: 0, plan, running })).toBeCloseTo((78 / 7) * 17)
  })

  test('knows nothing before the first epoch, and does not wait for broken trials', () => {
    const none = [0, 1, 2, 3].map((id) => trial(id, []))
    expect(searchSecondsLeft(none, { rung: 0, plan })).toBe(Infinity)
    const trials = [trial(0, [0.5], 'NaN'), trial(1, [0.4, 0.4]), trial(2, [0.3]), trial(3, [0.2])]
    expect(searchSecondsLeft(trials, { rung: 1, plan })).toBe(10 * 6)
  })
})
