import {
  createEncoderConfig,
  createItemTable,
  createParameters,
  createRng,
  DAY_MS,
  type History,
  repeatScores,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../engine/create-engine.ts'
import { createModelScorer, type ModelScorer, packHistories } from './model-scorer.ts'

const NUM_ITEMS = 30
const WIDTH = NUM_ITEMS + 1
const config = createEncoderConfig({ dim: 8, numBlocks: 2, numHeads: 2, maxLength: 6 })
const engine = await createEngine(config)
const weights = {
  parameters: createParameters(config, 7),
  itemTable: createItemTable(NUM_ITEMS, config.dim, 7).map((value) => 20 * value),
}

function randomHistory(length: number, seed: number): History {
  const rng = createRng(seed)
  return {
    itemRows: Int32Array.from({ length }, () => 1 + rng.nextInt(NUM_ITEMS)),
    timestampMs: Float64Array.from({ length }, (_, i) => i * DAY_MS),
    quantities: new Float32Array(length).fill(1),
    asOfMs: length * DAY_MS,
  }
}

async function scoresOf(scorer: ModelScorer, histories: readonly History[]): Promise<Float32Array> {
  const scores = new Float32Array(histories.length * WIDTH).fill(Number.NaN)
  await scorer.scoreBatch(histories, scores)
  return scores
}

/** Largest difference between two arrays of one length. */
function distance(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] as number))), 0)
}

const histories = [
  randomHistory(3, 1),
  randomHistory(0, 2),
  randomHistory(9, 3),
  randomHistory(1, 4),
]

describe('createModelScorer', () => {
  test('scores a batch as it scores one by one', async () => {
    const scorer = await createModelScorer(weights, { engine, config })
    const batch = await scoresOf(scorer, histories)
    for (const [b, history] of histories.entries()) {
      const row = batch.subarray(b * WIDTH, (b + 1) * WIDTH)
      expect(distance(row, await scoresOf(scorer, [history]))).toBeLessThan(1e-5)
    }
    expect(
      distance(batch.subarray(0, WIDTH), batch.subarray(2 * WIDTH, 3 * WIDTH)),
    ).toBeGreaterThan(0.1)
    scorer.dispose()
  })

  test('scores every item 0 for an empty history, alone or among others', async () => {
    const scorer = await createModelScorer(weights, { engine, config })
    const zeros = new Float32Array(WIDTH)
    expect(await scoresOf(scorer, [randomHistory(0, 2)])).toEqual(zeros)
    expect((await scoresOf(scorer, histories)).subarray(WIDTH, 2 * WIDTH)).toEqual(zeros)
    scorer.dispose()
  })

  test('sees the newest maxLength events only', async () => {
    const scorer = await createModelScorer(weights, { engine, config })
    const long = randomHistory(9, 3)
    const changed = (position: number): History => {
      const itemRows = long.itemRows.slice()
      itemRows[position] = 1 + ((itemRows[position] as number) % NUM_ITEMS)
      return { ...long, itemRows }
    }
    const expected = await scoresOf(scorer, [long])
    // 9 events, the network sees positions 3 to 8.
    expect(await scoresOf(scorer, [changed(2)])).toEqual(expected)
    expect(distance(await scoresOf(scorer, [changed(3)]), expected)).toBeGreaterThan(1e-3)
    scorer.dispose()
  })

  test('does not mind the length of item vectors where the score is a cosine', async () => {
    const cosine = createEncoderConfig({ ...config, similarity: 'cosine' })
    const longer = { ...weights, itemTable: weights.itemTable.map((value) => 3 * value) }
    const [expected, actual] = [
      await scoresOf(await createModelScorer(weights, { engine, config: cosine }), histories),
      await scoresOf(await createModelScorer(longer, { engine, config: cosine }), histories),
    ]
    expect(distance(actual, expected)).toBeLessThan(1e-4)
    expect(Math.max(...expected)).toBeGreaterThan(1)
  })

  test('reads one table and compares with the other where they are untied', async () => {
    const untied = createEncoderConfig({ ...config, outputEmbeddings: 'untied' })
    const { parameters, itemTable } = weights
    const twice = new Float32Array(2 * itemTable.length)
    twice.set(itemTable)
    // Each output vector is twice the input's, so each score is too.
    twice.set(
      itemTable.map((value) => 2 * value),
      itemTable.length,
    )
    const scorer = await createModelScorer(
      { parameters, itemTable: twice },
      { engine, config: untied },
    )
    const tied = await createModelScorer(weights, { engine, config })
    const expected = (await scoresOf(tied, histories)).map((score) => 2 * score)
    expect(distance(await scoresOf(scorer, histories), expected)).toBeLessThan(1e-5)
    tied.dispose()
    scorer.dispose()
  })

  test('adds a prior to every score, of an empty history too', async () => {
    const priorLogits = Float32Array.from({ length: WIDTH }, (_, row) => row / 7)
    const plain = await createModelScorer(weights, { engine, config })
    const scorer = await createModelScorer(weights, { engine, config, priorLogits })
    const expected = (await scoresOf(plain, histories)).map(
      (score, i) => score + (priorLogits[i % WIDTH] as number),
    )
    expect(await scoresOf(scorer, histories)).toEqual(expected)
    plain.dispose()
    scorer.dispose()
  })

  test('adds the repeat part and nothing else', async () => {
    const blend = { repeatWeight: 3, halfLifeDays: 10 }
    const alone = await createModelScorer(weights, { engine, config })
    const blended = await createModelScorer(weights, { engine, config, blend })
    const expected = await scoresOf(alone, histories)
    histories.forEach((history, b) => {
      for (const [row, repeat] of repeatScores(history, blend)) {
        expected[b * WIDTH + row] = (expected[b * WIDTH + row] as number) + repeat
      }
    })
    expect(await scoresOf(blended, histories)).toEqual(expected)
    alone.dispose()
    blended.dispose()
  })

  test('is named by what it does, or by the caller', async () => {
    const blend = { repeatWeight: 1, halfLifeDays: 10 }
    const names: string[] = []
    for (const options of [{}, { blend }, { blend, name: 'mine' }]) {
      const scorer = await createModelScorer(weights, { engine, config, ...options })
      scorer.dispose()
      names.push(scorer.name)
    }
    expect(names).toEqual(['sasrec', 'sasrec + repeats', 'mine'])
  })
})

test('packHistories keeps the newest events in order', () => {
  const packed = packHistories([randomHistory(3, 1), randomHistory(9, 3)], 6)
  expect(Array.from(packed.offsets)).toEqual([0, 3, 3 + 6])
  expect(Array.from(packed.tokens)).toEqual([
    ...randomHistory(3, 1).itemRows,
    ...randomHistory(9, 3).itemRows.subarray(3),
  ])
  const day = DAY_MS / 1000
  expect(Array.from(packed.eventSeconds, (s) => s / day)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  // A question follows its event: that of the next event, and at last that of the history.
  expect(Array.from(packed.askedSeconds, (s) => s / day)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})
