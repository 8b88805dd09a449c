import type { RecommenderError } from '@perennial/core'
import { cyclicDataset } from '@perennial/core/testing'
import { describe, expect, test } from 'vitest'
import { applyAdam, createMoments } from '../fit/adam.ts'
import { createModelState, type ModelState } from '../fit/model-state.ts'
import { createFitConfig } from '../fit/options.ts'
import { sampleWorkload } from '../fit/sample-workload.ts'
import { createMemorySource } from '../fit/training-source.ts'
import type { PreparedBatch, Trainer } from './engine.ts'
import { loadTensorflow } from './load-tensorflow.ts'
import { createTensorflowEngine } from './tensorflow-engine.ts'

const loaded = await loadTensorflow().catch((error: RecommenderError) => {
  process.stderr.write(`Left out: ${error.message}\n`)
  return undefined
})
const dataset = cyclicDataset({ numUsers: 20, numItems: 12, length: 9, seed: 5 })
const trainEnds = dataset.sequences.offsets.slice(1)
const options = {
  encoder: { dim: 8, numBlocks: 1, maxLength: 8, dropout: 0.3 },
  loss: 'sampled-softmax',
  numNegatives: 6,
} as const
const config = createFitConfig({ ...options, batchSize: 10 }, 12)
const { batches } = await sampleWorkload(createMemorySource(dataset, trainEnds, config), config)
const [prepared, next] = batches as [PreparedBatch, PreparedBatch]
const createState = (): ModelState => createModelState(config, 12)

async function withTrainer<T>(
  state: ModelState,
  use: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const { tf } = loaded as NonNullable<typeof loaded>
  const trainer = await createTensorflowEngine(tf, {
    name: 'tensorflow',
    config: config.encoder,
  }).createTrainer(state)
  const result = await use(trainer)
  trainer.dispose()
  return result
}

describe.skipIf(loaded === undefined)('createTensorflowEngine', () => {
  test('steps by Adam on the gradients that it computes', async () => {
    const state = createState()
    const before = createState()
    const { gradients } = await withTrainer(state, async (trainer) => {
      const computed = await trainer.computeGradients(prepared)
      await trainer.step(prepared, { learningRate: 0.01, step: 1 })
      await trainer.read()
      return computed
    })
    for (const [name, { values }] of before.parameters) {
      const moments = createMoments(values.length)
      applyAdam(values, gradients.get(name) as Float32Array, moments, {
        learningRate: 0.01,
        step: 1,
      })
      const after = state.parameters.get(name)?.values as Float32Array
      const worst = values.reduce(
        (max, v, i) => Math.max(max, Math.abs(v - (after[i] as number))),
        0,
      )
      expect(worst, name).toBeLessThan(1e-6)
      expect(after, name).not.toEqual(createState().parameters.get(name)?.values)
    }
  })

  test('repeats itself, dropout included, and changes with its seed', async () => {
    const losses = (batch: PreparedBatch): Promise<number[]> =>
      withTrainer(createState(), async (trainer) => [
        await trainer.step(batch, { learningRate: 0.01, step: 1 }),
        await trainer.step(next, { learningRate: 0.01, step: 2 }),
      ])
    const first = await losses(prepared)
    expect(await losses(prepared)).toEqual(first)
    const reseeded = { ...prepared, batch: { ...prepared.batch, dropoutSeed: 99 } }
    expect(await losses(reseeded)).not.toEqual(first)
  })

  test('leaves no tensor behind', async () => {
    const { tf } = loaded as NonNullable<typeof loaded>
    const before = tf.memory().numTensors
    const state = createState()
    await withTrainer(state, async (trainer) => {
      await trainer.step(prepared, { learningRate: 0.01, step: 1 })
      await trainer.computeGradients(prepared)
      await trainer.read()
    })
    const engine = createTensorflowEngine(tf, { name: 'tensorflow', config: config.encoder })
    const model = await engine.load(state)
    await model.encode(prepared.batch)
    await model.score(prepared.batch)
    model.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
