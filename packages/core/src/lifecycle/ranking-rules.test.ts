import { beforeAll, describe, expect, test } from 'vitest'
import { createDecayedFrequency } from '../baselines/decayed-frequency.ts'
import { createNeighborBlend } from '../baselines/neighbor-blend.ts'
import { createPopularity } from '../baselines/popularity.ts'
import { DAY_MS } from '../data/columns.ts'
import { historyOf } from '../data/sequences.ts'
import { endsBefore } from '../data/split-by-time.ts'
import { createRng } from '../random.ts'
import type { Scorer } from '../scorer.ts'
import { buildDataset } from '../testing.ts'
import { createCandidateFinder } from './candidates.ts'
import { describeCustomer } from './customer.ts'
import { createNeighborSignals } from './neighbor-signals.ts'
import { RANKING_RULES, scoreByRule } from './ranking-rules.ts'
import { createReplay, LifecycleState } from './state.ts'

const NUM_ITEMS = 25
const CUT = 90
const rng = createRng(3)
const dataset = buildDataset(
  Array.from({ length: 40 }, () =>
    Array.from(
      { length: 15 },
      (_, n) => [1 + rng.nextInt(1 + rng.nextInt(NUM_ITEMS)), 6 * n] as const,
    ),
  ),
  { numItems: NUM_ITEMS },
)
const ends = endsBefore(dataset.sequences, CUT * DAY_MS)

describe('scoreByRule', () => {
  const scorers: Record<string, Scorer> = {}
  beforeAll(() => {
    scorers.popularity = createPopularity(dataset, ends, { halfLifeDays: 30 })
    scorers['decayed-frequency'] = createDecayedFrequency(dataset, ends)
    scorers['neighbor-blend'] = createNeighborBlend(dataset, ends)
  })

  test.each(RANKING_RULES)(
    '%s ranks candidates as the baseline of its name ranks all items',
    (rule) => {
      const state = new LifecycleState({ numItems: NUM_ITEMS, horizonDays: 28 })
      createReplay(state, dataset.sequences).until(CUT)
      const finder = createCandidateFinder(state, createNeighborSignals(state.population))
      for (const user of [0, 7, 31]) {
        const history = historyOf(dataset.sequences, user, ends[user] as number, CUT * DAY_MS)
        const { itemRows, features } = finder.find(describeCustomer(history))
        const found = scoreByRule(rule, features, finder.featureNames)
        const expected = new Float32Array(NUM_ITEMS + 1)
        void scorers[rule]?.scoreBatch([history], expected)
        const order = (scoreOf: (i: number) => number): number[] =>
          Array.from(itemRows.keys())
            .sort(
              (a, b) =>
                scoreOf(b) - scoreOf(a) || (itemRows[a] as number) - (itemRows[b] as number),
            )
            .map((i) => itemRows[i] as number)
        expect(itemRows.length).toBeGreaterThan(15)
        expect(order((i) => Math.fround(found[i] as number)).slice(0, 8)).toEqual(
          order((i) => expected[itemRows[i] as number] as number).slice(0, 8),
        )
      }
    },
  )

  test('names the feature that it lacks', () => {
    expect(() =>
      scoreByRule('neighbor-blend', new Float32Array(2), ['item.popularity_30', 'x']),
    ).toThrow("'pair.decayed_120'")
  })
})
