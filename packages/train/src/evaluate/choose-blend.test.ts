import {
  createEncoderConfig,
  createItemTable,
  createParameters,
  DAY_MS,
  type Dataset,
  evaluate,
  type RankingCase,
  type Scorer,
  splitByTime,
} from '@perennial/core'
import { buildDataset, checkerboardDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../engine/create-engine.ts'
import { createModelScorer } from '../fit/model-scorer.ts'
import { chooseBlend } from './choose-blend.ts'

const NUM_ITEMS = 200
const AS_OF_DAY = 120

/** One case a user, asked on {@link AS_OF_DAY}. */
function ask(
  users: Parameters<typeof buildDataset>[0],
  targets: readonly number[],
): { dataset: Dataset; cases: RankingCase[] } {
  const dataset = buildDataset(users, { numItems: NUM_ITEMS })
  const cases = targets.map((target, userRow) => ({
    userRow,
    historyEnd: dataset.sequences.offsets[userRow + 1] as number,
    asOfMs: AS_OF_DAY * DAY_MS,
    targets: Int32Array.of(target),
  }))
  return { dataset, cases }
}

/** Scores by item row and whether the history holds it. */
function scorerOf(score: (itemRow: number, isOwn: boolean) => number): Scorer {
  return {
    name: 'test',
    scoreBatch: (histories, scores) => {
      histories.forEach(({ itemRows }, b) => {
        for (let row = 0; row <= NUM_ITEMS; row++)
          scores[b * (NUM_ITEMS + 1) + row] = score(row, itemRows.includes(row))
      })
    },
  }
}

const grid = { repeatWeights: [0, 0.5, 1, 2, 4, 8, 16], halfLives: [30, 60, 120, 240] }
const onlyNew = scorerOf((_, isOwn) => (isOwn ? 0 : 1))

describe('chooseBlend', () => {
  test('takes the least weight that lifts a repeat above everything new', async () => {
    const { dataset, cases } = ask([[[150, 110]], [[160, 110]]], [150, 160])
    const chosen = await chooseBlend(onlyNew, cases, { dataset, ...grid })
    // A half-life of 30 days leaves 0.5^(10/30) = 0.79: 1 * ln(1.79) = 0.58 stays below 1, 2 * 0.58 does not.
    expect(chosen).toEqual({ repeatWeight: 2, halfLifeDays: 30, ndcg: 1 })
  })

  test('takes the network alone when nothing is bought again', async () => {
    const { dataset, cases } = ask([[[150, 110]], [[160, 110]]], [7, 7])
    const favourite = scorerOf((row) => (row === 7 ? 0.1 : 0))
    const chosen = await chooseBlend(favourite, cases, { dataset, ...grid })
    expect(chosen).toEqual({ repeatWeight: 0, halfLifeDays: 30, ndcg: 1 })
    // Any weight puts the own item first and the target second.
    const forced = await chooseBlend(favourite, cases, { dataset, repeatWeights: [0.5] })
    expect(forced.ndcg).toBeCloseTo(1 / Math.log2(3), 12)
    const byDefault = await chooseBlend(favourite, cases, { dataset })
    expect(byDefault).toMatchObject({ repeatWeight: 0, ndcg: 1 })
  })

  test.each([
    ['short half-life when the recent purchase repeats', 160, 5],
    ['long half-life when the frequent old one does', 150, 1000],
  ])('takes the %s', async (_, target, halfLifeDays) => {
    const user = [
      [150, 0],
      [150, 10],
      [150, 20],
      [150, 30],
      [160, 115],
    ] as const
    const { dataset, cases } = ask([user], [target])
    const nothing = scorerOf(() => 0)
    for (const halfLives of [
      [5, 1000],
      [1000, 5],
    ]) {
      const chosen = await chooseBlend(nothing, cases, { dataset, repeatWeights: [1], halfLives })
      expect(chosen).toEqual({ repeatWeight: 1, halfLifeDays, ndcg: 1 })
    }
  })

  test('takes the lesser of equal weights whatever their order', async () => {
    const { dataset, cases } = ask([[[150, 110]]], [150])
    const chosen = await chooseBlend(onlyNew, cases, {
      dataset,
      ...grid,
      repeatWeights: [16, 4, 8],
    })
    expect(chosen).toEqual({ repeatWeight: 4, halfLifeDays: 30, ndcg: 1 })
  })

  test('reports the NDCG@10 that evaluation finds for the blend', async () => {
    const dataset = checkerboardDataset({ numUsers: 140, numItems: 130, length: 40, seed: 3 })
    const times = { testCutMs: 37 * DAY_MS, horizonMs: 3 * DAY_MS }
    const { test: cases, trainEnds } = splitByTime(dataset, times)
    const config = createEncoderConfig({ dim: 8, numBlocks: 1, maxLength: 10 })
    const engine = await createEngine(config)
    const weights = {
      parameters: createParameters(config, 3),
      itemTable: createItemTable(130, 8, 3),
    }
    const alone = await createModelScorer(weights, { engine, config })
    // Weights this small leave some items of the network above own ones.
    const { ndcg, ...blend } = await chooseBlend(alone, cases, {
      dataset,
      repeatWeights: [0.01, 0.05, 0.2],
      halfLives: [3, 20],
    })
    const blended = await createModelScorer(weights, { engine, config, blend })
    const options = { dataset, trainEnds, excludeSeen: false, ks: [10] }
    const ndcgOf = async (scorer: Scorer): Promise<number | undefined> =>
      (await evaluate(scorer, cases, options)).metrics['ndcg@10']
    expect(cases.length).toBe(140)
    expect(ndcg).toBeCloseTo((await ndcgOf(blended)) as number, 6)
    expect(ndcg).not.toBeCloseTo((await ndcgOf(alone)) as number, 6)
    alone.dispose()
    blended.dispose()
  })

  test('refuses options that cannot be, and nothing to choose from', async () => {
    const { dataset, cases } = ask([[[150, 110]]], [150])
    await expect(
      chooseBlend(onlyNew, cases, { dataset, repeatWeights: [-1] }),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('`repeatWeights`'),
    })
    await expect(chooseBlend(onlyNew, cases, { dataset, halfLives: [0] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('`halfLives`'),
    })
    await expect(chooseBlend(onlyNew, [], { dataset })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('got 0 cases'),
    })
  })

  test('stops between two batches when aborted by a timer', async () => {
    const { dataset, cases } = ask(new Array(400).fill([[150, 110]]), new Array(400).fill(150))
    const abort = new AbortController()
    let batches = 0
    const counted: Scorer = {
      name: 'counted',
      scoreBatch: (histories, scores) => {
        batches++
        setImmediate(() => abort.abort(new Error('stop here')))
        return onlyNew.scoreBatch(histories, scores)
      },
    }
    await expect(chooseBlend(counted, cases, { dataset, signal: abort.signal })).rejects.toThrow(
      'stop here',
    )
    expect(batches).toBe(1)
  })
})
