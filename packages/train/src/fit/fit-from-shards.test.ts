import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDataset } from '@perennial/core'
import { cyclicDataset } from '@perennial/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeShards } from '../../test/write-shards.ts'
import { createEngine } from '../engine/create-engine.ts'
import { fitFromShards, type ShardFitOptions } from './fit-from-shards.ts'
import type { Weights } from './model-state.ts'
import type { StepReport } from './run-training.ts'

const NUM_ITEMS = 12
const dataset = cyclicDataset({ numUsers: 60, numItems: NUM_ITEMS, length: 9, seed: 5 })
const small: Omit<ShardFitOptions, 'runtime'> = {
  split: { kind: 'leave-one-out' },
  windowEvents: 120,
  encoder: { dim: 16, numBlocks: 1, maxLength: 8, dropout: 0.1 },
  loss: 'sampled-softmax',
  numNegatives: 6,
  negativeSampling: 'popularity',
  batchSize: 16,
  learningRate: 0.01,
  maxEpochs: 3,
  seed: 4,
}
const runtime: ShardFitOptions['runtime'] = {
  createEngine: (config) => createEngine(config, 'wasm', { numThreads: 2 }),
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-fit-shards-'))
  await writeShards(folder, dataset, 50)
})
afterAll(() => rm(folder, { recursive: true }))

function flatten({ parameters, itemTable }: Weights): number[] {
  return [
    ...Array.from(parameters.values(), ({ values }) => Array.from(values)).flat(),
    ...itemTable,
  ]
}

describe('fitFromShards', () => {
  test('learns which item follows which and validates on users that it did not hold in memory', async () => {
    const { curve } = await fitFromShards(folder, { ...small, maxEpochs: 25, runtime })
    // Twelve items at random would come to about 0.38.
    expect(Math.max(...curve.map(({ validationNdcg }) => validationNdcg ?? 0))).toBeGreaterThan(0.9)
  })

  test('ends with the same weights after an interruption within an epoch', async () => {
    const whole = await fitFromShards(folder, { ...small, runtime })
    const checkpointPath = join(folder, 'checkpoint.safetensors')
    const abort = new AbortController()
    const onStep = ({ epoch, stepInEpoch }: StepReport): void => {
      if (epoch === 2 && stepInEpoch === 2) abort.abort(new Error('stop here'))
    }
    const { signal } = abort
    const broken = { ...runtime, checkpointPath, signal, onStep }
    await expect(fitFromShards(folder, { ...small, runtime: broken })).rejects.toThrow('stop here')
    const seen: StepReport[] = []
    const resumed = await fitFromShards(folder, {
      ...small,
      runtime: { ...runtime, checkpointPath, onStep: (step) => seen.push(step) },
    })
    expect([seen[0]?.epoch, seen[0]?.stepInEpoch]).toEqual([2, 3])
    expect(flatten(resumed.weights)).toEqual(flatten(whole.weights))
    const outcome = (result: typeof whole): unknown[] =>
      result.curve.map((r) => [r.epoch, r.loss, r.validationNdcg])
    expect(outcome(resumed)).toEqual(outcome(whole))
  })

  test('refuses a popularity prior, which wants events in memory', async () => {
    await expect(
      fitFromShards(folder, { ...small, popularityPrior: 1, runtime }),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('popularityPrior'),
    })
  })

  test('refuses a checkpoint of other events', async () => {
    const checkpointPath = join(folder, 'other.safetensors')
    const once = { ...small, maxEpochs: 1, runtime: { ...runtime, checkpointPath } }
    await fitFromShards(folder, once)
    const split = { kind: 'time', validationCutMs: 5 * 86_400_000, horizonMs: 86_400_000 } as const
    await expect(fitFromShards(folder, { ...once, split })).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
    })
  })

  test('tells how far the first pass is, and how long the run still takes', async () => {
    const scanned: number[] = []
    const steps: StepReport[] = []
    await fitFromShards(folder, {
      ...small,
      runtime: {
        ...runtime,
        onScan: ({ numDone }) => scanned.push(numDone),
        onStep: (step) => steps.push(step),
      },
    })
    const { events } = await openDataset(folder)
    expect(scanned).toEqual(Array.from({ length: events.numBatches }, (_, i) => i + 1))
    await events.close()
    expect(steps.length).toBe(3 * 4)
    // After step 2 of 4 in the first of three epochs, 2 steps of the epoch and 10 of the run are left.
    const { epochSecondsLeft, secondsLeft, tokensPerSecond } = steps[1] as StepReport
    expect(secondsLeft / epochSecondsLeft).toBeCloseTo(5, 6)
    expect(tokensPerSecond).toBeGreaterThan(0)
    expect(steps[11]).toMatchObject({ epochSecondsLeft: 0, secondsLeft: 0 })
  })

  test('names an event type that is not there', async () => {
    await expect(
      fitFromShards(folder, { ...small, eventTypes: ['view'], runtime }),
    ).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
