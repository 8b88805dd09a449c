import { buildDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import type { Negatives, PreparedBatch, PriorLogits } from '../engine/engine.ts'
import { createNegativePool } from './negatives.ts'
import { createFitConfig } from './options.ts'
import { epochOrder, prepareBatch } from './training-batches.ts'

const dataset = buildDataset(
  [
    [
      [5, 0],
      [2, 1],
      [9, 2],
      [4, 3],
      [7, 4],
    ],
    [[3, 0]],
    [
      [8, 0],
      [1, 1],
      [6, 2],
    ],
  ],
  { numItems: 10 },
)
const { sequences } = dataset
const trainEnds = Int32Array.of(4, 6, 9)
const data = {
  sequences,
  trainEnds,
  pool: createNegativePool(dataset, trainEnds, { popularityExponent: 1 }),
  prior: null,
}

const next = createFitConfig({}, 10)

test('epochOrder holds users with two training events, shuffled anew each epoch', () => {
  const many = buildDataset(
    Array.from(
      { length: 50 },
      () =>
        [
          [1, 0],
          [2, 1],
        ] as const,
    ),
  )
  const ends = Int32Array.from({ length: 50 }, (_, u) => 2 * u + 2)
  const orders = [0, 0, 1].map((epoch) =>
    Array.from(epochOrder({ sequences: many.sequences, trainEnds: ends }, { config: next, epoch })),
  )
  expect(orders[1]).toEqual(orders[0])
  expect(orders[2]).not.toEqual(orders[0])
  expect(orders[2]?.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, u) => u))
  expect(Array.from(epochOrder(data, { config: next, epoch: 0 })).toSorted()).toEqual([0, 2])
})

test('prepareBatch pairs each event with the next one, within training and the newest maxLength', () => {
  const config = createFitConfig({ encoder: { maxLength: 2 }, loss: 'softmax' }, 10)
  const { itemRows, batch } = prepareBatch(data, Int32Array.of(0, 2), { config, step: 0 })
  const ids = (positions: Int32Array): number[] =>
    Array.from(positions, (p) => itemRows[p] as number)
  expect(Array.from(batch.offsets)).toEqual([0, 2, 4])
  expect(ids(batch.tokens)).toEqual([2, 9, 8, 1])
  expect(ids(batch.targets)).toEqual([9, 4, 1, 6])
  expect(batch.negatives).toBeNull()
  const day = 86_400
  expect(Array.from(batch.eventSeconds, (s) => s / day)).toEqual([1, 2, 0, 1])
  expect(Array.from(batch.askedSeconds, (s) => s / day)).toEqual([2, 3, 1, 2])
  expect(itemRows.length).toBe(10)
})

describe('prepareBatch with output vectors of their own', () => {
  const encoder = { maxLength: 2, outputEmbeddings: 'untied' } as const
  const users = Int32Array.of(0, 2)
  // Of 10 items and padding, so the output vector of item i is row 11 + i.
  const inputs = [1, 2, 8, 9]

  test('gives tokens rows of the first half and every answer one of the second', () => {
    const config = createFitConfig({ encoder, loss: 'softmax' }, 10)
    const { itemRows, batch } = prepareBatch(data, users, { config, step: 0 })
    const outputs = Array.from({ length: 10 }, (_, i) => 11 + 1 + i)
    expect(Array.from(itemRows)).toEqual([...inputs, ...outputs])
    expect(batch.firstOutput).toBe(4)
    expect(Array.from(batch.tokens, (p) => itemRows[p])).toEqual([2, 9, 8, 1])
    expect(Array.from(batch.targets, (p) => itemRows[4 + p])).toEqual([20, 15, 12, 17])
  })

  test('gives negatives rows of the second half, and answers no row that is only read', () => {
    const config = createFitConfig({ encoder, loss: 'sampled-softmax', numNegatives: 3 }, 10)
    const { itemRows, batch } = prepareBatch(data, users, { config, step: 5 })
    expect(Array.from(itemRows.subarray(0, batch.firstOutput))).toEqual(inputs)
    const answers = itemRows.subarray(batch.firstOutput)
    const { items } = batch.negatives as Negatives
    const used = [...batch.targets, ...items].map((p) => answers[p] as number)
    expect(new Set(used)).toEqual(new Set(answers))
    expect(Array.from(batch.targets, (p) => answers[p])).toEqual([20, 15, 12, 17])
    expect(Math.min(...used)).toBeGreaterThan(11)
  })
})

test('prepareBatch adds to the logits of its outputs what was popular when each question was asked', () => {
  const prior = {
    weeks: [0, 1].map((w) => Float32Array.from({ length: 11 }, (_, row) => 100 * w + row)),
    weekOf: (seconds: number) => (seconds < 2 * 86_400 ? 0 : 1),
    final: new Float32Array(11),
  }
  const config = createFitConfig(
    { encoder: { maxLength: 2 }, loss: 'sampled-softmax', numNegatives: 3 },
    10,
  )
  const prepared = prepareBatch({ ...data, prior }, Int32Array.of(0, 2), { config, step: 0 })
  const { values, rows } = prepared.batch.prior as PriorLogits
  // Asked on days 2, 3, 1 and 2.
  expect(Array.from(rows)).toEqual([0, 0, 1, 0])
  const items = Array.from(prepared.itemRows)
  expect(Array.from(values)).toEqual([...items.map((row) => 100 + row), ...items])
})

test('prepareBatch draws the questions of a horizon anew each step', () => {
  const config = createFitConfig({ objective: 'horizon', encoder: { maxLength: 9 } }, 10)
  const batchOf = (step: number): PreparedBatch =>
    prepareBatch(data, Int32Array.of(0, 2), { config, step })
  expect(batchOf(1)).toEqual(batchOf(1))
  expect(batchOf(2).batch.askedSeconds).not.toEqual(batchOf(1).batch.askedSeconds)
  // Visits of users 0 and 2 on days 0 to 3 and 0 to 2, of which the last only answers.
  expect(Array.from(batchOf(1).batch.offsets)).toEqual([0, 3, 5])
  const everyVisit = [0, 1, 2, 3, 4].flatMap((token) => Array<number>(4).fill(token))
  expect(Array.from(batchOf(1).batch.questions)).toEqual(everyVisit)
})

test('prepareBatch gathers only rows in use with sampled negatives, which are distinct and uniform', () => {
  const config = createFitConfig(
    { encoder: { maxLength: 2 }, loss: 'sampled-softmax', numNegatives: 3 },
    10,
  )
  const counts = new Int32Array(11)
  for (let step = 0; step < 2000; step++) {
    const { itemRows, batch } = prepareBatch(data, Int32Array.of(0, 2), { config, step })
    const { items, bias } = batch.negatives as Negatives
    const negatives = Array.from(items, (p) => itemRows[p] as number)
    expect(new Set(negatives).size).toBe(3)
    expect(new Set([2, 9, 8, 1, 4, 6, ...negatives])).toEqual(new Set(itemRows))
    for (const row of negatives) counts[row] = (counts[row] as number) + 1
    for (const value of bias) expect(value).toBeCloseTo(Math.log(10 / 3), 6)
  }
  // Each of 10 rows is expected in 3 of 10 draws: 600 of 2,000, deviation about 20.
  for (const count of counts.subarray(1)) expect(Math.abs(count - 600)).toBeLessThan(100)
})
