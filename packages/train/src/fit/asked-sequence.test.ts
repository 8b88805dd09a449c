import { createRng, DAY_MS } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import {
  type AskedSequence,
  askHorizon,
  askNext,
  joinSequences,
  type TrainingSequence,
} from './asked-sequence.ts'

const DAY_SECONDS = DAY_MS / 1000

function sequenceOf(
  events: readonly (readonly [itemRow: number, day: number])[],
): TrainingSequence {
  return {
    itemRows: Int32Array.from(events, ([itemRow]) => itemRow),
    timestampMs: Float64Array.from(events, ([, day]) => day * DAY_MS),
  }
}

// Visits on days 0, 10, 50 and 60; item 4 is bought three times on day 10.
const visits = sequenceOf([
  [1, 0],
  [2, 0.25],
  [3, 0.5],
  [4, 10],
  [4, 10],
  [4, 10.25],
  [5, 10.5],
  [6, 50],
  [7, 60],
  [7, 60.5],
])
const horizonDays = 28

test('askNext asks at each event for the next, at its time', () => {
  const asked = askNext(
    sequenceOf([
      [5, 0],
      [2, 3],
      [9, 3.5],
    ]),
  )
  expect(Array.from(asked.tokens)).toEqual([5, 2])
  expect(Array.from(asked.questions)).toEqual([0, 1])
  expect(Array.from(asked.targets)).toEqual([2, 9])
  expect(Array.from(asked.eventSeconds, (s) => s / DAY_SECONDS)).toEqual([0, 3])
  expect(Array.from(asked.askedSeconds, (s) => s / DAY_SECONDS)).toEqual([3, 3.5])
})

describe('askHorizon', () => {
  const draws = Array.from({ length: 4000 }, (_, i) =>
    askHorizon(visits, { horizonDays, rng: createRng(3, i) }),
  )
  /** When visit `v` was asked, in days, and its sorted answers, of each draw. */
  const drawn = (v: number): { day: number; answers: string }[] =>
    draws.map(({ questions, askedSeconds, targets }) => ({
      day: (askedSeconds[questions[4 * v] as number] as number) / DAY_SECONDS,
      answers: targets
        .slice(4 * v, 4 * v + 4)
        .sort()
        .join(),
    }))

  test('asks four times at the end of each visit but the last, which only answers', () => {
    const { tokens, questions, eventSeconds } = draws[0] as AskedSequence
    expect(tokens.length).toBe(8)
    expect(Array.from(questions)).toEqual([2, 2, 2, 2, 6, 6, 6, 6, 7, 7, 7, 7])
    expect(Array.from(eventSeconds, (s) => s / DAY_SECONDS)).toEqual([
      0, 0.25, 0.5, 10, 10, 10.25, 10.5, 50,
    ])
  })

  test('draws the time of a question from the horizon before the next visit, after its own', () => {
    const ranges = [
      [0.5, 10],
      [50 - 28, 50],
      [50, 60],
    ] as const
    ranges.forEach(([from, to], v) => {
      const days = drawn(v).map(({ day }) => day)
      expect(Math.min(...days)).toBeGreaterThanOrEqual(from)
      expect(Math.max(...days)).toBeLessThanOrEqual(to)
      // The mean of a uniform draw has a deviation of (to - from) / sqrt(12 x 4000).
      const mean = days.reduce((sum, day) => sum + day, 0) / days.length
      expect(Math.abs(mean - (from + to) / 2)).toBeLessThan((4 * (to - from)) / 219)
    })
  })

  test('answers with the items of the horizon after the question', () => {
    // Three purchases of item 4 on a day are one item of two.
    expect(new Set(drawn(0).map(({ answers }) => answers))).toEqual(new Set(['4,4,5,5']))
    // Day 60 is within 28 days of questions after day 32.
    for (const { day, answers } of drawn(1)) expect(answers).toBe(day > 32 ? '6,6,7,7' : '6,6,6,6')
    expect(new Set(drawn(2).map(({ answers }) => answers))).toEqual(new Set(['7,7,7,7']))
  })

  test('draws four of more items without repeats, each as often as the others', () => {
    const wide = sequenceOf([[9, 0], ...[1, 2, 3, 4, 5, 6].map((row) => [row, 3] as const)])
    const counts = new Map<number, number>()
    for (let i = 0; i < 3000; i++) {
      const { targets } = askHorizon(wide, { horizonDays, rng: createRng(4, i) })
      expect(new Set(targets).size).toBe(4)
      for (const row of targets) counts.set(row, (counts.get(row) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    // Each is among four of six: 2,000 of 3,000 times, with a deviation of 26.
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(105)
  })

  test('takes the items of a visit in any order and those of two visits in theirs', () => {
    const orders = new Map<string, number>()
    for (const { tokens } of draws) {
      const first = tokens.subarray(0, 3).join()
      orders.set(first, (orders.get(first) ?? 0) + 1)
      expect(tokens.slice(3, 7).toSorted().join()).toBe('4,4,4,5')
      expect(tokens[7]).toBe(6)
    }
    expect(orders.size).toBe(6)
    for (const count of orders.values()) expect(count / draws.length).toBeCloseTo(1 / 6, 1)
  })

  test('tells a token within a visit the time of the event after it', () => {
    for (const { askedSeconds } of draws.slice(0, 5)) {
      const days = Array.from(askedSeconds, (s) => s / DAY_SECONDS)
      expect([0, 1, 3, 4, 5].map((t) => days[t])).toEqual([0.25, 0.5, 10, 10.25, 10.5])
    }
  })

  test('does not change the events that it is given', () => {
    expect(Array.from(visits.itemRows)).toEqual([1, 2, 3, 4, 4, 4, 5, 6, 7, 7])
  })
})

test('joinSequences numbers the questions by the tokens of all', () => {
  const parts = [
    sequenceOf([
      [5, 0],
      [2, 1],
      [9, 2],
    ]),
    sequenceOf([
      [1, 4],
      [3, 6],
    ]),
  ].map(askNext)
  const joined = joinSequences(parts)
  expect(Array.from(joined.offsets)).toEqual([0, 2, 3])
  expect(Array.from(joined.tokens)).toEqual([5, 2, 1])
  expect(Array.from(joined.questions)).toEqual([0, 1, 2])
  expect(Array.from(joined.targets)).toEqual([2, 9, 3])
  expect(Array.from(joined.eventSeconds, (s) => s / DAY_SECONDS)).toEqual([0, 1, 4])
  expect(Array.from(joined.askedSeconds, (s) => s / DAY_SECONDS)).toEqual([1, 2, 6])
})
