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
  /** When question `q` was asked, in days, and its answer, of each draw. */
  const drawn = (q: number): { day: number; target: number }[] =>
    draws.map(({ questions, askedSeconds, targets }) => ({
      day: (askedSeconds[questions[q] as number] as number) / DAY_SECONDS,
      target: targets[q] as number,
    }))
  const share = (q: number, holds: (one: { day: number; target: number }) => boolean): number =>
    drawn(q).filter(holds).length / draws.length

  test('asks at the end of each visit but the last, which only answers', () => {
    const { tokens, questions, eventSeconds } = draws[0] as AskedSequence
    expect(tokens.length).toBe(8)
    expect(Array.from(questions)).toEqual([2, 6, 7])
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
    ranges.forEach(([from, to], q) => {
      const days = drawn(q).map(({ day }) => day)
      expect(Math.min(...days)).toBeGreaterThanOrEqual(from)
      expect(Math.max(...days)).toBeLessThanOrEqual(to)
      // The mean of a uniform draw has a deviation of (to - from) / sqrt(12 x 4000).
      const mean = days.reduce((sum, day) => sum + day, 0) / days.length
      expect(Math.abs(mean - (from + to) / 2)).toBeLessThan((4 * (to - from)) / 219)
    })
  })

  test('answers with a distinct item of the horizon after the question, all alike', () => {
    // Three purchases of item 4 on a day count as one of two items.
    expect(share(0, ({ target }) => target === 4)).toBeCloseTo(1 / 2, 1)
    expect(share(0, ({ target }) => target === 5)).toBeCloseTo(1 / 2, 1)
    // Day 60 is within 28 days of questions after day 32, and is then one of two.
    expect(share(1, ({ target, day }) => target === 7 && day <= 32)).toBe(0)
    expect(share(1, ({ target }) => target === 7)).toBeCloseTo((18 / 28) * (1 / 2), 1)
    expect(share(1, ({ target }) => target === 6 || target === 7)).toBe(1)
    expect(share(2, ({ target }) => target === 7)).toBe(1)
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
