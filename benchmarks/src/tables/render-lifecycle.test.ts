import { expect, test } from 'vitest'
import { packValues } from '../quality/lifecycle/packed-values.ts'
import {
  KEPT_METRICS,
  type LifecycleResult,
  type MethodResult,
  type QuestionResult,
} from '../quality/lifecycle/result.ts'
import { SHOP_SETTINGS } from '../quality/lifecycle/settings.ts'
import { summarizeGroups } from '../quality/lifecycle/summarize-groups.ts'
import { renderLifecycle } from './render-lifecycle.ts'

function answer(name: string, seed: number | null, values: readonly number[]): MethodResult {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const packed = packValues(Float32Array.from(values))
  return {
    name,
    seed,
    metrics: Object.fromEntries(KEPT_METRICS.map((key) => [key, mean])),
    values: Object.fromEntries(KEPT_METRICS.map((key) => [key, packed])),
    seconds: 1,
  }
}

function question(label: string, methods: readonly MethodResult[]): QuestionResult {
  const segment = { label: '1', numCases: 2, mean: 0.375, low: 0, high: 1 }
  return {
    label,
    group: '28 days',
    horizonDays: 28,
    numCases: 2,
    targetsPerCase: 3,
    repeatShare: 0.5,
    trainingCuts: ['2011-01-01'],
    training: {
      numLists: 1200,
      numRows: 34_000,
      numFeatures: 60,
      listSeconds: 21,
      fitSeconds: 43,
      peakBytes: 1.25e9,
    },
    sources: [{ name: 'own', meanItems: 12.4, recall: 0.4567, newRecall: 0 }],
    userRows: packValues(Int32Array.of(0, 1)),
    methods,
    segments: [{ by: 'visits', method: 'ranker', metric: 'recall@10', segments: [segment] }],
    staleness: [
      {
        method: 'ranker',
        points: [{ ageDays: 7, metrics: { 'recall@10': 0.3, 'ndcg@10': 0.31 } }],
      },
    ],
  }
}

function result(
  questions: readonly QuestionResult[],
  changes: Partial<LifecycleResult> = {},
): LifecycleResult {
  return {
    experiment: 'shop',
    variant: null,
    split: 'validation',
    protocol: 'how',
    engine: 'wasm',
    datasetFiles: [],
    seeds: [1, 2],
    settings: SHOP_SETTINGS,
    questions,
    groups: summarizeGroups(questions),
    commit: 'abc',
    startedAt: '2026-01-01T00:00:00Z',
    machine: { cpu: 'Test', cores: 2, memoryGb: 8, node: 'v20' },
    loadAverage1m: 0.25,
    versions: {},
    ...changes,
  }
}

const whole = result([
  question('2011-05-01', [
    answer('rule', null, [0.25, 0.25]),
    answer('ranker', 1, [0.5, 0.5]),
    answer('ranker', 2, [1, 1]),
  ]),
  question('2011-06-01', [
    answer('rule', null, [0.5, 0.5]),
    answer('ranker', 1, [0.5, 0.5]),
    answer('ranker', 2, [1, 1]),
  ]),
])

test('renderLifecycle pools questions, averages seeds, and shows differences with intervals', () => {
  const lines = renderLifecycle([whole]).split('\n')
  const rows = (name: string): string[] => lines.filter((line) => line.startsWith(`| ${name} |`))
  const mean = (0.5 + 1) / 2
  expect(rows('ranker')[0]).toBe(`| ranker | ${new Array(5).fill(mean.toFixed(4)).join(' | ')} |`)
  const [means, difference, byQuestion] = rows('rule')
  expect(means).toBe(`| rule | ${new Array(5).fill('0.3750').join(' | ')} |`)
  // .75 - .25 twice and .75 - .5 twice; each user has one of both, so every sample has the same mean.
  const cell = '+0.3750 (+0.3750 to +0.3750)'
  expect(difference).toBe(`| rule | ${new Array(4).fill(cell).join(' | ')} |`)
  expect(byQuestion).toBe('| rule | 0.2500 / 0.2500 / 0.2500 | 0.5000 / 0.5000 / 0.5000 |')
  expect(rows('own')).toEqual(['| own | 12 | 0.457 | 0.457 |'])
  expect(rows('1')[0]).toBe('| 1 | 2 | 0.3750 |')
  const text = lines.join('\n')
  expect(text).toContain('### shop, validation')
  expect(text).toContain('seed 1: Recall@10 0.5000, NDCG@10 0.5000; seed 2: Recall@10 1.0000')
  expect(text).toContain('| ranker | 0.3000 / 0.3100 |')
  expect(text).toContain(
    'Training for 2011-05-01: 1,200 lists of 34,000 rows with 60 features, made in 21 s; 43 s for the ranker, 1.25 GB at most',
  )
  expect(text).toContain('Measured on 2 cores of Test')
})

test('renderLifecycle shows the test where there is one', () => {
  const text = renderLifecycle([whole, { ...whole, split: 'test' }])
  expect(text).toContain('### shop, test')
  expect(text).not.toContain('### shop, validation')
})

test('renderLifecycle shows what a lever is worth on the seeds of both', () => {
  const without = [
    question('2011-05-01', [answer('ranker', 1, [0.25, 0.25])]),
    question('2011-06-01', [answer('ranker', 1, [0.5, 0.5])]),
  ]
  const text = renderLifecycle([
    whole,
    result(without, { variant: 'without-it', seeds: [1] }),
    result(without, { variant: 'other-seed', seeds: [3] }),
  ])
  // Seed 1: .5 - .25 and .5 - .5.
  const worth = ((0.5 - 0.25) / 2).toFixed(4)
  const cell = `+${worth} (+${worth} to +${worth})`
  expect(text).toContain(`| without-it | ${cell} | ${cell} | ${cell} | 1 |`)
  expect(text).not.toContain('other-seed')
})
