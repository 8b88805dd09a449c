import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DAY_MS,
  endsBefore,
  evaluate,
  type RecommenderError,
  splitLeaveOneOut,
} from '@perennial/core'
import { buildDataset, cyclicDataset } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine } from '../engine/create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { type Checkpoint, loadCheckpoint } from './checkpoint.ts'
import { fit } from './fit.ts'
import { createModelScorer } from './model-scorer.ts'
import type { Weights } from './model-state.ts'
import type { FitOptions } from './options.ts'
import type { FitResult, FitRuntime } from './run-training.ts'

const dataset = cyclicDataset({ numUsers: 60, numItems: 12, length: 9, seed: 5 })
const split = splitLeaveOneOut(dataset)
const small: FitOptions = {
  encoder: { dim: 16, numBlocks: 1, maxLength: 8, dropout: 0.1 },
  batchSize: 16,
  learningRate: 0.01,
  maxEpochs: 3,
  seed: 4,
}
/** Everything that a horizon is learnt with. */
const horizon: FitOptions = {
  ...small,
  objective: 'horizon',
  horizonDays: 14,
  popularityPrior: 0.5,
  encoder: { ...small.encoder, outputEmbeddings: 'untied', timeFeatures: ['gap'] },
}
const runtime: FitRuntime = { createEngine: (config) => createEngine(config, 'auto') }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-fit-'))
})
afterAll(() => rm(folder, { recursive: true }))

function flatten({ parameters, itemTable }: Weights): number[] {
  return [
    ...Array.from(parameters.values(), ({ values }) => Array.from(values)).flat(),
    ...itemTable,
  ]
}

describe('fit', () => {
  test.each(['softmax', 'sampled-softmax'] as const)(
    'learns with %s which item follows which',
    async (loss) => {
      const options = { ...small, loss, numNegatives: 6, maxEpochs: 25, runtime }
      // Validation would keep the first epoch that answers 60 easy questions, by luck or by knowledge.
      const { weights, config } = await fit(dataset, { ...split, validation: [] }, options)
      const scorer = await createModelScorer(weights, {
        engine: await createEngine(config.encoder),
        config: config.encoder,
      })
      const { trainEnds, test: cases } = split
      const { metrics } = await evaluate(scorer, cases, {
        dataset,
        trainEnds,
        ks: [1],
        excludeSeen: false,
      })
      scorer.dispose()
      expect(metrics['recall@1']).toBeGreaterThan(0.95)
    },
  )

  test('keeps the weights of the best validation and stops when patience ends', async () => {
    const result = await fit(dataset, split, { ...small, maxEpochs: 60, patience: 3, runtime })
    const scores = result.curve.map(({ validationNdcg }) => validationNdcg as number)
    expect(result.bestEpoch).toBe(scores.indexOf(Math.max(...scores)) + 1)
    expect(result.curve.length).toBe(result.bestEpoch + 3)
  })

  test('gives the same weights for a seed and others for another', async () => {
    const runs = await Promise.all(
      [4, 4, 5].map((seed) => fit(dataset, split, { ...small, seed, runtime })),
    )
    const [first, again, other] = runs.map(({ weights }) => flatten(weights))
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test.each<[string, () => FitOptions]>([
    ['next', () => small],
    ['horizon', () => horizon],
  ])(
    'ends with the same weights and curve after an interruption within an epoch of objective %s',
    async (objective, optionsOf) => {
      const options = optionsOf()
      const whole = await fit(dataset, split, { ...options, runtime })
      const checkpointPath = join(folder, `interrupted-${objective}.safetensors`)
      const abort = new AbortController()
      const onStep: FitRuntime['onStep'] = ({ epoch, stepInEpoch }) => {
        if (epoch === 2 && stepInEpoch === 2) abort.abort(new Error('stop here'))
      }
      const { signal } = abort
      const broken = fit(dataset, split, {
        ...options,
        runtime: { ...runtime, checkpointPath, signal, onStep },
      })
      await expect(broken).rejects.toThrow('stop here')
      const seen: number[] = []
      const resumed = await fit(dataset, split, {
        ...options,
        runtime: {
          ...runtime,
          checkpointPath,
          onStep: (step) => seen.push(step.epoch * 10 + step.stepInEpoch),
        },
      })
      expect(seen[0]).toBe(2 * 10 + 3)
      expect(flatten(resumed.weights)).toEqual(flatten(whole.weights))
      const losses = (result: typeof whole): unknown[] =>
        result.curve.map((r) => [r.epoch, r.loss, r.validationNdcg])
      expect(losses(resumed)).toEqual(losses(whole))
    },
  )

  test('saves the epoch that was trained when it is aborted during validation', async () => {
    const checkpointPath = join(folder, 'validating.safetensors')
    const abort = new AbortController()
    // 60 users in batches of 16 are 4 steps; what follows the fourth is validation.
    const onStep: FitRuntime['onStep'] = ({ stepInEpoch }) => {
      if (stepInEpoch === 4) abort.abort(new Error('stop here'))
    }
    const { signal } = abort
    await expect(
      fit(dataset, split, { ...small, runtime: { ...runtime, checkpointPath, signal, onStep } }),
    ).rejects.toThrow('stop here')
    const { progress } = (await loadCheckpoint(checkpointPath)) as Checkpoint
    expect([progress.epoch, progress.stepInEpoch, progress.step]).toEqual([0, 4, 4])
  })

  test('validates the epoch that maxSeconds cuts short, due or not', async () => {
    const { curve, bestEpoch } = await fit(dataset, split, {
      ...small,
      maxSeconds: 1e-9,
      validateEvery: 100,
      runtime,
    })
    expect(curve.map(({ validationNdcg }) => validationNdcg)).toEqual([expect.any(Number)])
    expect(bestEpoch).toBe(1)
  })

  test('does not train again when its checkpoint says that it has ended', async () => {
    const checkpointPath = join(folder, 'ended.safetensors')
    const first = await fit(dataset, split, { ...small, runtime: { ...runtime, checkpointPath } })
    let steps = 0
    const onStep = (): void => {
      steps++
    }
    const again = await fit(dataset, split, {
      ...small,
      runtime: { ...runtime, checkpointPath, onStep },
    })
    expect(steps).toBe(0)
    expect(flatten(again.weights)).toEqual(flatten(first.weights))
  })

  test('writes one line an epoch to the log', async () => {
    const logPath = join(folder, 'log.jsonl')
    const { curve } = await fit(dataset, split, { ...small, runtime: { ...runtime, logPath } })
    const lines = (await readFile(logPath, 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(curve)
  })

  test('refuses a checkpoint of other data or options, and a broken one', async () => {
    const checkpointPath = join(folder, 'refused.safetensors')
    const withCheckpoint = { ...runtime, checkpointPath }
    await fit(dataset, split, { ...small, maxEpochs: 1, runtime: withCheckpoint })
    const codeOf = (run: Promise<unknown>): Promise<string> =>
      run.then(
        () => 'no error',
        (error: RecommenderError) =>
          `${error.code} ${/other data|other options|whole/.exec(error.message)?.[0]}`,
      )
    const other = cyclicDataset({ numUsers: 60, numItems: 12, length: 9, seed: 6 })
    expect(
      await codeOf(fit(other, splitLeaveOneOut(other), { ...small, runtime: withCheckpoint })),
    ).toBe('BAD_CHECKPOINT other data')
    expect(
      await codeOf(fit(dataset, split, { ...small, learningRate: 0.02, runtime: withCheckpoint })),
    ).toBe('BAD_CHECKPOINT other options')
    const whole = await readFile(checkpointPath)
    await writeFile(checkpointPath, whole.subarray(0, whole.length / 2))
    expect(await codeOf(fit(dataset, split, { ...small, runtime: withCheckpoint }))).toBe(
      'BAD_CHECKPOINT whole',
    )
  })

  test('stops with step and learning rate when the loss is not finite', async () => {
    const diverging = async (config: Parameters<typeof createEngine>[0]): Promise<Engine> => {
      const engine = await createEngine(config)
      let step = 0
      return {
        ...engine,
        createTrainer: async (state) => {
          const trainer = await engine.createTrainer(state)
          return {
            ...trainer,
            step: async (...input) => {
              const loss = await trainer.step(...input)
              return ++step === 3 ? Number.NaN : loss
            },
          }
        },
      }
    }
    await expect(
      fit(dataset, split, { ...small, runtime: { createEngine: diverging } }),
    ).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED',
      message:
        'Expected a finite loss, got NaN at step 3 with learning rate 0.01. Try a smaller `learningRate`.',
    })
  })

  test('says so when nobody has two training events', async () => {
    const lonely = buildDataset([[[1, 0]], [[2, 1]]])
    const trainEnds = Int32Array.of(1, 2)
    await expect(
      fit(lonely, { trainEnds, validation: [] }, { ...small, runtime }),
    ).rejects.toMatchObject({ code: 'INVALID_EVENTS' })
  })

  test.each<[string, FitOptions]>([
    ['encoder.timeFeatures', { encoder: { ...small.encoder, timeFeatures: ['gap'] } }],
    ['objective', { objective: 'horizon' }],
    ['popularityPrior', { popularityPrior: 1 }],
  ])('refuses %s where only the order of events is known', async (name, change) => {
    await expect(
      fit({ ...dataset, timeKind: 'ordinal' }, split, { ...small, ...change, runtime }),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`\`${name}\``),
    })
  })

  test('says so when nobody has two training visits to learn a horizon from', async () => {
    const once = buildDataset([
      [
        [1, 0],
        [2, 0.5],
      ],
    ])
    await expect(
      fit(once, { trainEnds: Int32Array.of(2), validation: [] }, { ...horizon, runtime }),
    ).rejects.toMatchObject({
      code: 'INVALID_EVENTS',
      message: expect.stringContaining('two or more days'),
    })
  })

  test('learns for a horizon what is bought within it, and from no event after training', async () => {
    const users = Array.from({ length: 60 }, (_, u) => visitsOf(u))
    const shop = buildDataset(users, { numItems: 8 })
    const poisoned = buildDataset(
      users.map((events) => events.map(([row, day]) => [day < CUT_DAY ? row : 8, day] as const)),
      { numItems: 8 },
    )
    const trainEnds = endsBefore(shop.sequences, CUT_DAY * DAY_MS)
    const options = { ...horizon, maxEpochs: 20, runtime }
    const [result, other] = await Promise.all(
      [shop, poisoned].map((data) => fit(data, { trainEnds, validation: [] }, options)),
    )
    expect(flatten((other as FitResult).weights)).toEqual(flatten((result as FitResult).weights))
    expect(other?.priorLogits).toEqual(result?.priorLogits)
    const { weights, config, priorLogits } = result as FitResult
    const engine = await createEngine(config.encoder)
    const scorer = await createModelScorer(weights, {
      ...{ engine, config: config.encoder, priorLogits },
    })
    const cases = users.map((_, u) => ({
      userRow: u,
      historyEnd: trainEnds[u] as number,
      asOfMs: CUT_DAY * DAY_MS,
      // The pair of the user's kind that is in turn, and its successor ten days later.
      targets: Int32Array.from(u % 2 === 0 ? [1, 2, 3, 4] : [5, 6, 7, 8]),
    }))
    const { metrics } = await evaluate(scorer, cases, {
      ...{ dataset: shop, trainEnds, ks: [4], excludeSeen: false },
    })
    scorer.dispose()
    await engine.close()
    expect(metrics['recall@4']).toBeGreaterThan(0.95)
  })

  test('starts from given weights', async () => {
    const first = await fit(dataset, split, { ...small, runtime })
    const still = { ...small, maxEpochs: 1, learningRate: 0 }
    const next = await fit(
      dataset,
      { ...split, validation: [] },
      { ...still, runtime: { ...runtime, initialWeights: first.weights } },
    )
    expect(flatten(next.weights)).toEqual(flatten(first.weights))
  })

  const base = flattenOnce(small)
  test.each<[string, FitOptions]>([
    ['encoder.dim', { encoder: { ...small.encoder, dim: 8 } }],
    ['encoder.numBlocks', { encoder: { ...small.encoder, numBlocks: 2 } }],
    ['encoder.numHeads', { encoder: { ...small.encoder, numHeads: 4 } }],
    ['encoder.maxLength', { encoder: { ...small.encoder, maxLength: 3 } }],
    ['encoder.feedForwardDim', { encoder: { ...small.encoder, feedForwardDim: 8 } }],
    ['encoder.activation', { encoder: { ...small.encoder, activation: 'relu' } }],
    ['encoder.dropout', { encoder: { ...small.encoder, dropout: 0.4 } }],
    ['encoder.block ligr', { encoder: { ...small.encoder, block: 'ligr' } }],
    ['encoder.block hstu', { encoder: { ...small.encoder, block: 'hstu' } }],
    ['encoder.timeFeatures gap', { encoder: { ...small.encoder, timeFeatures: ['gap'] } }],
    [
      'encoder.timeFeatures calendar',
      { encoder: { ...small.encoder, timeFeatures: ['calendar'] } },
    ],
    ['encoder.similarity', { encoder: { ...small.encoder, similarity: 'cosine' } }],
    ['encoder.outputEmbeddings', { encoder: { ...small.encoder, outputEmbeddings: 'untied' } }],
    ['objective', { objective: 'horizon' }],
    ['popularityPrior', { popularityPrior: 0.5 }],
    ['loss', { loss: 'sampled-softmax' }],
    ['batchSize', { batchSize: 7 }],
    ['learningRate', { learningRate: 0.02 }],
    ['learningRateDecay', { learningRateDecay: 'cosine' }],
    ['warmUpSteps', { warmUpSteps: 9 }],
    ['maxEpochs', { maxEpochs: 2 }],
    ['maxSeconds', { maxSeconds: 0 }],
    ['validateEvery', { validateEvery: 2 }],
    ['validationUsers', { validationUsers: 3 }],
    ['excludeSeen', { excludeSeen: true }],
  ])('option %s changes the run', async (_, change) => {
    expect(await flattenOnce({ ...small, ...change })).not.toEqual(await base)
  })

  const sampled: FitOptions = { ...small, loss: 'sampled-softmax', numNegatives: 6 }
  const cosine = { ...small.encoder, similarity: 'cosine' } as const
  test.each<[string, FitOptions, FitOptions]>([
    ['numNegatives', sampled, { numNegatives: 3 }],
    ['negativeSampling popularity', sampled, { negativeSampling: 'popularity' }],
    ['negativeSampling in-batch', sampled, { negativeSampling: 'in-batch' }],
    ['negativeSampling mixed', sampled, { negativeSampling: 'mixed' }],
    ['uniformShare', { ...sampled, negativeSampling: 'mixed' }, { uniformShare: 0.2 }],
    [
      'popularityExponent',
      { ...sampled, negativeSampling: 'popularity' },
      { popularityExponent: 0 },
    ],
    ['negativesSharedBy sequence', sampled, { negativesSharedBy: 'sequence' }],
    ['negativesSharedBy token', sampled, { negativesSharedBy: 'token' }],
    ['logQ', sampled, { logQ: false }],
    ['horizonDays', { ...small, objective: 'horizon' }, { horizonDays: 2 }],
    ['popularityPrior', sampled, { popularityPrior: 0.5 }],
    [
      'encoder.outputEmbeddings',
      sampled,
      { encoder: { ...small.encoder, outputEmbeddings: 'untied' } },
    ],
    ['loss bce', sampled, { loss: 'bce' }],
    ['loss gbce', { ...sampled, loss: 'bce' }, { loss: 'gbce' }],
    ['gbceCalibration', { ...sampled, loss: 'gbce' }, { gbceCalibration: 0.2 }],
    [
      'encoder.temperature',
      { ...small, encoder: cosine },
      { encoder: { ...cosine, temperature: 1 } },
    ],
  ])('option %s changes a run that it belongs to', async (_, from, change) => {
    expect(await flattenOnce({ ...from, ...change })).not.toEqual(await flattenOnce(from))
  })

  test('names an option that it refuses', async () => {
    await expect(fit(dataset, split, { batchSize: 0, runtime })).rejects.toThrow(
      'Expected `batchSize` to be an integer of 1 or more, got `0` (number).',
    )
    await expect(fit(dataset, split, { numNegatives: 13, runtime })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
  })
})

const CUT_DAY = 80

/** Visits of every ten days, two items each: even users buy items 1 and 2, then 3 and 4, odd ones 5 and 6, then 7 and 8. */
function visitsOf(userRow: number): (readonly [itemRow: number, day: number])[] {
  return Array.from({ length: 10 }, (_, v) => {
    const first = 1 + 4 * (userRow % 2) + 2 * ((v + userRow) % 2)
    const day = 10 * v + (userRow % 10)
    return [[first, day] as const, [first + 1, day] as const]
  }).flat()
}

/** What a run came to, in numbers that differ when the run differs. */
async function flattenOnce(options: FitOptions): Promise<number[]> {
  const { weights, curve } = await fit(dataset, split, { ...options, runtime })
  return [...curve.map(({ validationNdcg }) => validationNdcg ?? -1), ...flatten(weights)]
}
