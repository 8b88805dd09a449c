import { createEncoderConfig, createRng, standardize } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine } from '../engine/create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { fitRanker } from './fit-ranker.ts'
import type { RankingLists } from './ranking-lists.ts'
import { scaleLists } from './scaled-lists.ts'

const NUM_LISTS = 60
const LENGTH = 5

/** Lists in which the item with the highest `good.a` is the target; `noise.b` says nothing. */
function lists(): RankingLists {
  const rng = createRng(7)
  const numRows = NUM_LISTS * LENGTH
  const features = new Float32Array(new SharedArrayBuffer(4 * 2 * numRows))
  const isTarget = new Uint8Array(numRows)
  for (let n = 0; n < NUM_LISTS; n++) {
    const target = n * LENGTH + rng.nextInt(LENGTH)
    isTarget[target] = 1
    for (let i = n * LENGTH; i < (n + 1) * LENGTH; i++) {
      features[2 * i] = rng.next() + (i === target ? 2 : 0)
      features[2 * i + 1] = rng.next()
    }
  }
  return {
    featureNames: ['good.a', 'noise.b'],
    offsets: Int32Array.from({ length: NUM_LISTS + 1 }, (_, n) => n * LENGTH),
    userRows: Int32Array.from({ length: NUM_LISTS }, (_, n) => n),
    cutDays: new Int32Array(NUM_LISTS),
    numTargets: new Int32Array(NUM_LISTS).fill(1),
    itemRows: Int32Array.from({ length: numRows }, (_, i) => 1 + (i % LENGTH)),
    isTarget,
    daysUntil: Int32Array.from(isTarget, (hit) => hit - 1),
    weights: new Float32Array(numRows).fill(1),
    features,
  }
}

describe('fitRanker', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await createEngine(createEncoderConfig(), 'wasm', { numThreads: 1 })
  })
  afterAll(() => engine.close())

  /** Returns in how many lists the best score is the target's. */
  const countRight = async (excludeFeatures: readonly string[]): Promise<number> => {
    const options = { hidden: [8], epochs: 30, learningRate: 0.02, members: 1, excludeFeatures }
    const { scale, config, members } = await fitRanker(engine, scaleLists(lists()), options)
    const { features, isTarget } = lists()
    const [parameters] = members as [(typeof members)[number]]
    const network = await engine.loadRows({ config, parameters })
    const scores = await network.score(standardize(features, scale))
    network.dispose()
    let right = 0
    for (let n = 0; n < NUM_LISTS; n++) {
      const own = scores.subarray(n * LENGTH, (n + 1) * LENGTH)
      if (isTarget[n * LENGTH + own.indexOf(Math.max(...own))] === 1) right++
    }
    return right
  }

  test('learns what tells the targets', async () => {
    expect(await countRight([])).toBe(NUM_LISTS)
  })

  test('does not see the features that are excluded, neither in training nor later', async () => {
    expect(await countRight(['noise.'])).toBe(NUM_LISTS)
    // Chance is one in five.
    expect(await countRight(['good.'])).toBeLessThan(NUM_LISTS / 2)
    const scaled = scaleLists(lists())
    const before = scaled.features.slice()
    const { scale } = await fitRanker(engine, scaled, { epochs: 1, excludeFeatures: ['good.'] })
    expect(scaled.features).toEqual(before)
    expect(standardize(Float32Array.of(5, Number.NaN), scale)).toEqual(Float32Array.of(0, 0))
    const kept = JSON.parse(JSON.stringify(scale)) as typeof scale
    expect(standardize(Float32Array.of(5, Number.NaN), kept)).toEqual(Float32Array.of(0, 0))
  })

  test('reports a beginning that no feature has', async () => {
    await expect(
      fitRanker(engine, scaleLists(lists()), { excludeFeatures: ['godo.'] }),
    ).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
