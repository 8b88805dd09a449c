import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { splitLeaveOneOut } from '@perennial/core'
import { cyclicDataset } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine } from '../engine/create-engine.ts'
import { checkSpace, DEFAULT_SPACE, drawOptions, type SearchSpace } from './search-space.ts'
import { countRungs, survivors, type Trial, type TuneOptions, tune } from './tune.ts'

const dataset = cyclicDataset({ numUsers: 30, numItems: 12, length: 9, seed: 5 })
const split = splitLeaveOneOut(dataset)
const space: SearchSpace = {
  'encoder.dim': { choices: [8] },
  'encoder.numBlocks': { choices: [1] },
  'encoder.maxLength': { choices: [8] },
  learningRate: { min: 1e-5, max: 0.03, scale: 'log' },
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-tune-'))
})
afterAll(() => rm(folder, { recursive: true }))

function settings(name: string, changes: Partial<TuneOptions> = {}): TuneOptions {
  return {
    space,
    numTrials: 4,
    eta: 2,
    minEpochs: 2,
    path: join(folder, name),
    createEngine: (config) => createEngine(config, 'wasm', { numThreads: 1 }),
    ...changes,
  }
}

function withoutSeconds(trials: readonly Trial[]): unknown {
  return trials.map(({ rungs, ...rest }) => ({
    ...rest,
    rungs: rungs.map(({ epochs, ndcg }) => ({ epochs, ndcg })),
  }))
}

describe('tune', () => {
  test('halves by validation and gives the winner the most epochs', async () => {
    const { trials, best } = await tune(dataset, split, settings('whole.json'))
    expect(trials.map(({ rungs }) => rungs.length).toSorted()).toEqual([1, 1, 2, 3])
    const winner = trials.find(({ rungs }) => rungs.length === 3) as Trial
    expect(best).toEqual(winner.options)
    expect(winner.rungs.map(({ epochs }) => epochs)).toEqual([2, 4, 8])
    const first = trials.map(({ rungs }) => rungs[0]?.ndcg as number)
    const kept = trials.flatMap(({ rungs }, i) => (rungs.length > 1 ? [first[i] as number] : []))
    expect(Math.min(...kept)).toBeGreaterThanOrEqual(first.toSorted((a, b) => b - a)[1] as number)
  })

  test('goes on where it was stopped and ends as an unbroken search', async () => {
    const whole = await tune(dataset, split, settings('unbroken.json'))
    const abort = new AbortController()
    let count = 0
    const stopped = tune(
      dataset,
      split,
      settings('stopped.json', {
        signal: abort.signal,
        onTrial: () => {
          if (++count === 5) abort.abort(new Error('stop here'))
        },
      }),
    )
    await expect(stopped).rejects.toThrow('stop here')
    const resumed = await tune(dataset, split, settings('stopped.json'))
    expect(withoutSeconds(resumed.trials)).toEqual(withoutSeconds(whole.trials))
    expect(resumed.best).toEqual(whole.best)
    expect(JSON.parse(await readFile(join(folder, 'stopped.json'), 'utf8'))).toEqual(resumed)
  })

  test('refuses to go on with other settings', async () => {
    await tune(dataset, split, settings('seed.json', { numTrials: 1 }))
    await expect(
      tune(dataset, split, settings('seed.json', { numTrials: 1, seed: 2 })),
    ).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining('another `seed`'),
    })
  })
})

test('survivors keeps the best of each rung, broken trials last', () => {
  const trial = (id: number, ndcgs: number[], failure?: string): Trial => ({
    id,
    options: {},
    rungs: ndcgs.map((ndcg, r) => ({ epochs: 2 ** r, ndcg, seconds: 1 })),
    ...(failure === undefined ? {} : { failure }),
  })
  const trials = [
    trial(0, [0.3, 0.4]),
    trial(1, [0.1]),
    trial(2, [0.5], 'NaN'),
    trial(3, [0.2, 0.6]),
  ]
  const ids = (rung: number): number[] => survivors(trials, { rung, eta: 2 }).map(({ id }) => id)
  expect(ids(0)).toEqual([0, 1, 2, 3])
  expect(ids(1)).toEqual([0, 3])
  expect(ids(2)).toEqual([3])
  expect([1, 2, 9, 26, 27].map((n) => countRungs(n, 3))).toEqual([1, 1, 3, 3, 4])
})

describe('drawOptions', () => {
  test('draws within the space, the same for a seed and trial', () => {
    const rates: number[] = []
    for (let trial = 0; trial < 200; trial++) {
      const options = drawOptions(DEFAULT_SPACE, { seed: 3, trial })
      expect(drawOptions(DEFAULT_SPACE, { seed: 3, trial })).toEqual(options)
      expect([32, 64, 128]).toContain(options.encoder?.dim)
      const rate = options.learningRate as number
      expect(rate).toBeGreaterThanOrEqual(5e-4)
      expect(rate).toBeLessThanOrEqual(5e-3)
      rates.push(rate)
    }
    // On a log scale half of the draws lie below the geometric mean.
    const below = rates.filter((rate) => rate < Math.sqrt(5e-4 * 5e-3)).length
    expect(Math.abs(below - 100)).toBeLessThan(30)
    expect(drawOptions(DEFAULT_SPACE, { seed: 4, trial: 0 })).not.toEqual(
      drawOptions(DEFAULT_SPACE, { seed: 3, trial: 0 }),
    )
  })

  test.each<[string, SearchSpace]>([
    ['encoder.width', { 'encoder.width': { choices: [1] } }],
    ['maxEpochs', { maxEpochs: { choices: [1] } }],
    ['space.learningRate.min', { learningRate: { min: 0, max: 1, scale: 'log' } }],
    ['space.learningRate.max', { learningRate: { min: 0.1, max: 0.01, scale: 'log' } }],
    ['space.loss.choices', { loss: { choices: [] } }],
    ['space', {}],
  ])('names what is wrong with a space: %s', (path, wrong) => {
    expect(() => checkSpace(wrong)).toThrow(path)
  })
})
