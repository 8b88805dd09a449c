import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecommenderError, splitLeaveOneOut } from '@perennial/core'
import { cyclicDataset } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine } from '../engine/create-engine.ts'
import type { RunTrial } from './run-trial.ts'
import type { SearchSpace } from './search-space.ts'
import type { Trial } from './trial.ts'
import { type TrialReport, type TuneOptions, tune } from './tune.ts'

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

/** Returns a runner that scores trials by hand: a number, or NaN where training diverges. */
function scorer(scoreOf: (id: number, epochs: number) => number, calls: string[] = []): RunTrial {
  return async ({ id }, { epochs, onEpoch }) => {
    calls.push(`${id}@${epochs}`)
    onEpoch({ epoch: epochs, seconds: epochs })
    const ndcg = scoreOf(id, epochs)
    if (Number.isNaN(ndcg)) throw new RecommenderError('TRAINING_DIVERGED', `NaN in ${id}`)
    return { epochs, ndcg, seconds: epochs }
  }
}

describe('tune', () => {
  test('goes on with the trials that the scores say', async () => {
    const calls: string[] = []
    // At 2 epochs 8, 7 and 6 lead; at 6 epochs the last of them does.
    const runTrial = scorer((id, epochs) => (epochs === 2 ? id / 10 : 1 - id / 10), calls)
    const options = { numTrials: 9, eta: 3, seed: 6, runTrial }
    const { trials, best, rungs } = await tune(dataset, split, settings('scored.json', options))
    expect(calls.slice(9)).toEqual(['8@6', '7@6', '6@6', '6@18'])
    expect(best).toEqual(trials[6]?.options)
    expect(trials.map(({ status }) => status)).toEqual([
      ...new Array(6).fill('stopped'),
      ...['best', 'stopped', 'stopped'],
    ])
    expect(trials.map(({ seed }) => seed)).toEqual(new Array(9).fill(6))
    expect(rungs.map(({ epochs }) => epochs)).toEqual([2, 6, 18])
  })

  test('reports where it stands', async () => {
    const reports: Partial<TrialReport>[] = []
    const report = ({ trial: _, ...rest }: TrialReport): void => void reports.push(rest)
    const runTrial = scorer((id) => id)
    const options = { numTrials: 2, runTrial, onEpoch: report, onTrial: report }
    await tune(dataset, split, settings('reports.json', options))
    const first = { rung: 1, numRungs: 2, epoch: 2, epochs: 2, numTrials: 2 }
    const last = { rung: 2, numRungs: 2, epoch: 4, epochs: 4, numTrials: 1 }
    // A second an epoch: 2 for the other trial, and 2 more for the better one.
    expect(reports).toEqual([
      { ...first, trialsDone: 0, secondsLeft: 4 },
      { ...first, trialsDone: 1, secondsLeft: 4 },
      { ...first, trialsDone: 1, secondsLeft: 2 },
      { ...first, trialsDone: 2, secondsLeft: 2 },
      { ...last, trialsDone: 0, secondsLeft: 0 },
      { ...last, trialsDone: 1, secondsLeft: 0 },
    ])
  })

  test('records what diverged and why, and takes the best of the others', async () => {
    const calls: string[] = []
    const scoreOf = (id: number, epochs: number): number =>
      id === 3 || (id === 2 && epochs === 4) ? Number.NaN : id
    const options = settings('diverged.json', { runTrial: scorer(scoreOf, calls) })
    const { trials, best } = await tune(dataset, split, options)
    expect(calls).toEqual(['0@2', '1@2', '2@2', '3@2', '2@4', '1@4', '1@8'])
    expect(trials.map(({ status, failure }) => [status, failure])).toEqual([
      ['stopped', undefined],
      ['best', undefined],
      ['diverged', 'NaN in 2'],
      ['diverged', 'NaN in 3'],
    ])
    expect(best).toEqual(trials[1]?.options)
  })

  test('takes the best of an earlier rung where all later ones diverge', async () => {
    const runTrial = scorer((id, epochs) => (epochs > 2 ? Number.NaN : id))
    const { trials, best } = await tune(dataset, split, settings('late.json', { runTrial }))
    expect(trials.map(({ status }) => status)).toEqual(['stopped', 'best', 'diverged', 'diverged'])
    expect(best).toEqual(trials[1]?.options)
  })

  test('says so when every trial diverges, and lets other errors pass', async () => {
    const diverging = settings('none.json', { runTrial: scorer(() => Number.NaN) })
    await expect(tune(dataset, split, diverging)).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED',
      message: expect.stringContaining('all 4 diverged'),
    })
    expect(JSON.parse(await readFile(diverging.path, 'utf8')).best).toBeNull()
    const runTrial: RunTrial = async () => Promise.reject(new RecommenderError('OUT_OF_MEMORY', ''))
    await expect(tune(dataset, split, settings('memory.json', { runTrial }))).rejects.toMatchObject(
      {
        code: 'OUT_OF_MEMORY',
      },
    )
  })

  test('runs the same trials after a stop as without one, at whichever trial, divergence or not', async () => {
    const scoreOf = (id: number, epochs: number): number =>
      id === 3 && epochs === 4 ? Number.NaN : id
    const whole: string[] = []
    const unbroken = settings('all.json', { runTrial: scorer(scoreOf, whole) })
    const expected = await tune(dataset, split, unbroken)
    for (let stopAt = 1; stopAt < whole.length; stopAt++) {
      const calls: string[] = []
      const abort = new AbortController()
      const options = settings(`stop-${stopAt}.json`, {
        runTrial: scorer(scoreOf, calls),
        signal: abort.signal,
        onTrial: () => {
          if (calls.length === stopAt) abort.abort(new Error('stop here'))
        },
      })
      await expect(tune(dataset, split, options)).rejects.toThrow('stop here')
      expect(await tune(dataset, split, { ...options, signal: undefined })).toEqual(expected)
      expect(calls).toEqual(whole)
    }
  })

  test('halves real trials by validation and gives the winner the most epochs', async () => {
    const { trials, best } = await tune(dataset, split, settings('whole.json'))
    expect(trials.map(({ rungs }) => rungs.length).toSorted()).toEqual([1, 1, 2, 3])
    const winner = trials.find(({ rungs }) => rungs.length === 3) as Trial
    expect(best).toEqual(winner.options)
    expect(winner.rungs.map(({ epochs }) => epochs)).toEqual([2, 4, 8])
    const first = trials.map(({ rungs }) => rungs[0]?.ndcg as number)
    const kept = trials.flatMap(({ rungs }, i) => (rungs.length > 1 ? [first[i] as number] : []))
    expect(Math.min(...kept)).toBeGreaterThanOrEqual(first.toSorted((a, b) => b - a)[1] as number)
    await expect(access(join(folder, 'whole.json.trials'))).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })

  test('goes on within a trial where it was stopped and ends as an unbroken search', async () => {
    const whole = await tune(dataset, split, settings('unbroken.json'))
    const abort = new AbortController()
    const stopped = tune(
      dataset,
      split,
      settings('stopped.json', {
        signal: abort.signal,
        onEpoch: ({ rung, epoch }) => {
          if (rung === 2 && epoch === 3) abort.abort(new Error('stop here'))
        },
      }),
    )
    await expect(stopped).rejects.toThrow('stop here')
    // The two that the second rung left out have no checkpoint any more.
    expect((await readdir(join(folder, 'stopped.json.trials'))).length).toBe(2)
    const resumed = await tune(dataset, split, settings('stopped.json'))
    expect(withoutSeconds(resumed.trials)).toEqual(withoutSeconds(whole.trials))
    expect(resumed.best).toEqual(whole.best)
    expect(JSON.parse(await readFile(join(folder, 'stopped.json'), 'utf8'))).toEqual(resumed)
  })

  test('starts anew when its file is gone, whatever checkpoints lie there', async () => {
    const options = settings('anew.json', { numTrials: 1 })
    await mkdir(`${options.path}.trials`)
    await writeFile(join(`${options.path}.trials`, '0.safetensors'), 'of another search')
    expect((await tune(dataset, split, options)).trials[0]?.rungs[0]?.epochs).toBe(2)
  })

  test.each<[string, Partial<TuneOptions>]>([
    ['seed', { seed: 2 }],
    ['eta', { eta: 3 }],
    ['excludeSeen', { excludeSeen: true }],
    ['space', { space: { ...space, batchSize: { choices: [16] } } }],
  ])('refuses to go on with another %s', async (key, changes) => {
    const options = settings(`other-${key}.json`, { numTrials: 1, runTrial: scorer(() => 1) })
    await tune(dataset, split, options)
    await expect(tune(dataset, split, { ...options, ...changes })).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining(`another \`${key}\``),
    })
  })

  test.each(['{', 'null', '{"a":1}'])('leaves a file alone that is no search: %s', async (text) => {
    const options = settings('foreign.json')
    await writeFile(options.path, text)
    await expect(tune(dataset, split, options)).rejects.toMatchObject({ code: 'BAD_CHECKPOINT' })
    expect(await readFile(options.path, 'utf8')).toBe(text)
  })

  test('asks nothing of the test cases', async () => {
    const blind = { trainEnds: split.trainEnds, validation: split.validation }
    await expect(
      tune(dataset, blind, settings('blind.json', { numTrials: 1 })),
    ).resolves.toBeDefined()
    await expect(
      tune(dataset, { ...split, validation: [] }, settings('empty.json')),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
