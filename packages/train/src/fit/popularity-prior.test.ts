import { DAY_MS } from '@perennial/core'
import { buildDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import { createPopularityPrior, priorOf, trainingWeeks } from './popularity-prior.ts'

// Weeks are counted from 1970: days 0..6, 7..13, 14..20. User 1 buys item 2 twice on day 8.
const dataset = buildDataset(
  [
    [
      [1, 3],
      [2, 8],
      [3, 15],
      [1, 16],
    ],
    [
      [2, 8],
      [2, 8.5],
      [1, 20],
    ],
  ],
  { numItems: 4 },
)
const trainEnds = Int32Array.of(3, 6)
const decay = (days: number): number => 0.5 ** (days / 30)
const day = DAY_MS / 1000

describe('createPopularityPrior', () => {
  const prior = createPopularityPrior(dataset, trainEnds, 2)

  test('counts what was bought before the week, halved every 30 days from its eve on', () => {
    const at = (dayOfQuestion: number): number[] =>
      Array.from(prior.weeks[prior.weekOf(dayOfQuestion * day)] as Float32Array).slice(1)
    const logits = (counts: number[]): unknown[] =>
      counts.map((count) => expect.closeTo(2 * Math.log(1 + count), 5))
    expect(at(5)).toEqual(logits([0, 0, 0, 0]))
    // On day 6, the eve of the second week, day 3 is 3 days ago.
    expect(at(7)).toEqual(logits([decay(3), 0, 0, 0]))
    expect(at(13.9)).toEqual(at(7))
    // The two purchases of one user on day 8 are one.
    expect(at(14)).toEqual(logits([decay(10), 2 * decay(5), 0, 0]))
    expect(at(21)).toEqual(logits([decay(17), 2 * decay(12), decay(5), 0]))
    expect(at(400)).toEqual(at(21))
    expect(at(-3)).toEqual(at(5))
  })

  test('ends with the purchases of all training, their age counted from its last day', () => {
    const counts = [decay(15 - 3), 2 * decay(15 - 8), 1, 0]
    expect(Array.from(prior.final).slice(1)).toEqual(
      counts.map((count) => expect.closeTo(2 * Math.log(1 + count), 5)),
    )
  })

  test('knows nothing of events that are not trained on', () => {
    const { sequences } = dataset
    const itemRows = sequences.itemRows.slice()
    itemRows[3] = 4
    itemRows[6] = 4
    const poisoned = { ...dataset, sequences: { ...sequences, itemRows } }
    const other = createPopularityPrior(poisoned, trainEnds, 2)
    expect(other.weeks).toEqual(prior.weeks)
    expect(other.final).toEqual(prior.final)
  })
})

test('priorOf has a row of the outputs for each week that is asked in, and the row of each question', () => {
  const prior = createPopularityPrior(dataset, trainEnds, 1)
  const { values, rows } = priorOf(prior, Int32Array.of(2, 3), {
    questions: Int32Array.of(0, 2, 3),
    askedSeconds: Float64Array.of(21 * day, 0, 14 * day, 22 * day),
  })
  expect(Array.from(rows)).toEqual([0, 1, 0])
  const counts = [2 * decay(12), decay(5), 2 * decay(5), 0]
  expect(Array.from(values)).toEqual(counts.map((count) => expect.closeTo(Math.log(1 + count), 5)))
})

test('trainingWeeks spans the training events', () => {
  expect(trainingWeeks(dataset, trainEnds)).toEqual({ firstWeek: 0, numWeeks: 3 })
  expect(trainingWeeks(dataset, Int32Array.of(0, 4))).toEqual({ firstWeek: 0, numWeeks: 0 })
})
