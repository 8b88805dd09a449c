import { describe, expect, test } from 'vitest'
import { packValues } from './packed-values.ts'
import type { MethodResult, QuestionResult } from './result.ts'
import { KEPT_METRICS } from './result.ts'
import { poolValues, summarizeGroups } from './summarize-groups.ts'

function answer(name: string, seed: number | null, values: readonly number[]): MethodResult {
  const packed = packValues(Float32Array.from(values))
  return {
    name,
    seed,
    metrics: {},
    values: Object.fromEntries(KEPT_METRICS.map((key) => [key, packed])),
    seconds: 0,
  }
}

function question(
  changes: Pick<QuestionResult, 'label' | 'group' | 'methods'> & { readonly users: number[] },
): QuestionResult {
  const { users, ...rest } = changes
  return {
    ...rest,
    numCases: users.length,
    userRows: packValues(Int32Array.from(users)),
  } as QuestionResult
}

const questions = [
  question({
    label: 'a',
    group: 'short',
    users: [3, 7],
    methods: [
      answer('rule', null, [0.25, 0]),
      answer('ranker', 1, [0.5, 1]),
      answer('ranker', 2, [1, 0]),
    ],
  }),
  question({
    label: 'b',
    group: 'short',
    users: [7],
    methods: [
      answer('rule', null, [Number.NaN]),
      answer('ranker', 1, [Number.NaN]),
      answer('ranker', 2, [Number.NaN]),
    ],
  }),
  question({ label: 'c', group: 'long', users: [1], methods: [answer('ranker', 1, [0.125])] }),
]

describe('poolValues', () => {
  test('averages seeds case by case and says whose case it is', () => {
    const { values, userRows } = poolValues(questions.slice(0, 2), 'ranker', 'recall@10')
    expect(values).toEqual(Float32Array.of((0.5 + 1) / 2, (1 + 0) / 2, Number.NaN))
    expect(userRows).toEqual(Int32Array.of(3, 7, 7))
  })
})

describe('summarizeGroups', () => {
  test('pools the questions of a group and compares the ranker with each other method', () => {
    const groups = summarizeGroups(questions)
    expect(groups.map(({ group, numCases }) => [group, numCases])).toEqual([
      ['short', 3],
      ['long', 1],
    ])
    const [short, long] = groups
    expect(short?.metrics.ranker?.['ndcg@10']).toBe((0.75 + 0.5) / 2)
    expect(short?.metrics.rule?.['ndcg@10']).toBe(0.25 / 2)
    const recall = short?.comparisons.find(({ metric }) => metric === 'recall@10')
    expect(recall?.with).toBe('rule')
    // Both users gain .5 of it, so every sample does.
    expect([recall?.meanDifference, recall?.low, recall?.high]).toEqual([0.5, 0.5, 0.5])
    expect(long?.comparisons).toEqual([])
  })
})
