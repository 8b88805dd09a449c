import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import type { History } from '../data/sequences.ts'
import { addRepeatScores, repeatScores } from './blend.ts'

const HOUR_MS = DAY_MS / 24

/** Item 1 on days 0, 10 (twice) and 20; item 3 on day 20; asked late on day 30. */
const history: History = {
  itemRows: Int32Array.of(1, 1, 1, 1, 3),
  timestampMs: Float64Array.of(
    0,
    10 * DAY_MS,
    10 * DAY_MS + 5 * HOUR_MS,
    20 * DAY_MS,
    20 * DAY_MS + 23 * HOUR_MS,
  ),
  quantities: Float32Array.of(1, 1, 1, 1, 1),
  asOfMs: 30 * DAY_MS + 22 * HOUR_MS,
}

describe('repeatScores', () => {
  test('halves each purchase day every half-life and counts a day once', () => {
    const scores = repeatScores(history, { repeatWeight: 2, halfLifeDays: 10 })
    expect([...scores.keys()]).toEqual([1, 3])
    expect(scores.get(1)).toBeCloseTo(2 * Math.log(1 + 1 / 8 + 1 / 4 + 1 / 2), 12)
    expect(scores.get(3)).toBeCloseTo(2 * Math.log(1 + 1 / 2), 12)
  })

  test('a purchase on the day of the question counts in full', () => {
    const today: History = { ...history, asOfMs: 20 * DAY_MS + 23 * HOUR_MS }
    expect(repeatScores(today, { repeatWeight: 1, halfLifeDays: 10 }).get(3)).toBeCloseTo(
      Math.log(1 + 1),
      12,
    )
  })

  test('is empty for an empty history', () => {
    const empty: History = {
      itemRows: new Int32Array(0),
      timestampMs: new Float64Array(0),
      quantities: new Float32Array(0),
      asOfMs: 0,
    }
    expect(repeatScores(empty, { repeatWeight: 1, halfLifeDays: 10 }).size).toBe(0)
  })
})

describe('addRepeatScores', () => {
  test('adds to the items of the history and leaves the others', () => {
    const scores = Float32Array.of(0, 10, 20, 30, 40)
    addRepeatScores(history, { repeatWeight: 2, halfLifeDays: 10 }, scores)
    expect(scores[1]).toBeCloseTo(10 + 2 * Math.log(1.875), 5)
    expect(scores[2]).toBe(20)
    expect(scores[3]).toBeCloseTo(30 + 2 * Math.log(1.5), 5)
    expect(scores[4]).toBe(40)
  })

  test('changes nothing with weight 0', () => {
    const scores = Float32Array.of(0, 1, 2, 3)
    addRepeatScores(history, { repeatWeight: 0, halfLifeDays: 10 }, scores)
    expect([...scores]).toEqual([0, 1, 2, 3])
  })
})
