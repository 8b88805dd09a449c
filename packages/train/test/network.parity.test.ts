import { readFileSync } from 'node:fs'
import {
  createItemTable,
  createParameters,
  type EncoderConfig,
  encodeSequences,
  type Parameters,
  parameterShapes,
} from '@perennial/core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine, PackedSequences, TrainingBatch } from '../src/engine/engine.ts'
import { loadTensorflow, type Tensorflow } from '../src/engine/load-tensorflow.ts'
import { createRaggedLayout } from '../src/engine/ragged-layout.ts'
import { createLayoutTensors, createTensorOps } from '../src/engine/tensor-ops.ts'
import { createTensorflowEngine } from '../src/engine/tensorflow-engine.ts'
import { createMoments } from '../src/fit/adam.ts'
import type { FitConfig } from '../src/fit/options.ts'
import { takeStep } from '../src/fit/take-step.ts'

interface ParityCase {
  readonly config: EncoderConfig
  readonly loss: FitConfig['loss']
  readonly weights: Readonly<Record<string, number[]>>
  readonly hidden: readonly number[]
  readonly lossValue: number
  readonly gradients: Readonly<Record<string, readonly number[]>>
  readonly losses: readonly number[]
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/sasrec-parity.json', import.meta.url), 'utf8'),
) as {
  readonly numItems: number
  readonly sequences: readonly number[][]
  readonly targets: readonly number[][]
  readonly negatives: readonly number[]
  readonly learningRate: number
  readonly cases: readonly ParityCase[]
}

/** The fixture gives float64 results; float32 must agree to this. */
const TOLERANCE = 1e-4

function pack(sequences: readonly (readonly number[])[]): PackedSequences {
  const offsets = [0]
  for (const rows of sequences) offsets.push((offsets.at(-1) as number) + rows.length)
  return { offsets: Int32Array.from(offsets), tokens: Int32Array.from(sequences.flat()) }
}

function weightsOf({ config, weights }: ParityCase): {
  parameters: Parameters
  itemTable: Float32Array
} {
  const named = [...parameterShapes(config)].map(
    ([name, shape]) =>
      [name, { shape, values: Float32Array.from(weights[name] as number[]) }] as const,
  )
  return { parameters: new Map(named), itemTable: Float32Array.from(weights.items as number[]) }
}

function batchOf({ loss }: ParityCase): TrainingBatch {
  const sampled = loss === 'sampled-softmax'
  return {
    ...pack(fixture.sequences),
    tokens: Int32Array.from(fixture.sequences.flat(), (row) => row - 1),
    targets: Int32Array.from(fixture.targets.flat(), (row) => row - 1),
    negatives: sampled ? Int32Array.from(fixture.negatives, (row) => row - 1) : null,
    negativeBias: Math.log(fixture.numItems / fixture.negatives.length),
    dropoutSeed: 0,
  }
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length)
  const worst = expected.reduce(
    (max, value, i) => Math.max(max, Math.abs((actual[i] as number) - value)),
    0,
  )
  expect(worst, what).toBeLessThan(TOLERANCE)
}

describe.each(['auto', 'wasm'] as const)('network on the %s backend', (backend) => {
  let tf: Tensorflow
  const engineOf = (config: EncoderConfig): Engine =>
    createTensorflowEngine(tf, { name: backend, config })

  beforeAll(async () => {
    tf = (await loadTensorflow(backend)).tf
  })

  describe.each(fixture.cases)(
    'with $loss, $config.activation, $config.numHeads heads',
    (parity) => {
      test('gives the query vectors, loss and gradients of PyTorch', () => {
        const { parameters, itemTable } = weightsOf(parity)
        const { dim } = parity.config
        const engine = engineOf(parity.config)
        const model = engine.load(parameters, itemTable)
        const { offsets } = pack(fixture.sequences)
        const newest = Array.from(offsets.subarray(1)).flatMap((end) =>
          parity.hidden.slice((end - 1) * dim, end * dim),
        )
        expectClose(model.encode(pack(fixture.sequences)), newest, 'query vectors')
        model.dispose()

        const result = engine.computeGradients(parameters, itemTable.subarray(dim), batchOf(parity))
        expect(Math.abs(result.loss - parity.lossValue)).toBeLessThan(TOLERANCE)
        for (const name of parameters.keys()) {
          expectClose(
            result.gradients.get(name) as Float32Array,
            parity.gradients[name] as number[],
            name,
          )
        }
        expectClose(
          result.itemGradients,
          (parity.gradients.items as number[]).slice(dim),
          'item vectors',
        )
      })

      test('goes through the ten losses of PyTorch', () => {
        const weights = weightsOf(parity)
        const moments = new Map(
          [...weights.parameters].map(([name, { values }]) => [name, createMoments(values.length)]),
        )
        const state = { ...weights, moments, itemMoments: createMoments(weights.itemTable.length) }
        const itemRows = Int32Array.from({ length: fixture.numItems }, (_, i) => i + 1)
        const engine = engineOf(parity.config)
        const { learningRate } = fixture
        const { dim } = parity.config
        const losses = parity.losses.map((_, i) =>
          takeStep(
            state,
            { itemRows, batch: batchOf(parity) },
            { engine, dim, learningRate, step: i + 1 },
          ),
        )
        expectClose(losses, parity.losses, 'losses')
      })
    },
  )

  const config: EncoderConfig = {
    dim: 8,
    numBlocks: 2,
    numHeads: 2,
    maxLength: 6,
    feedForwardDim: 16,
    activation: 'gelu',
    dropout: 0.5,
  }
  const parameters = createParameters(config, 3)
  const itemTable = createItemTable(20, config.dim, 3).map((value) => 10 * value)
  const encode = (sequences: readonly (readonly number[])[]): number[][] => {
    const model = engineOf(config).load(parameters, itemTable)
    const queries = model.encode(pack(sequences))
    model.dispose()
    return sequences.map((_, b) =>
      Array.from(queries.subarray(b * config.dim, (b + 1) * config.dim)),
    )
  }

  test('encodes a history alike alone and beside longer ones', () => {
    const [alone] = encode([[4, 7, 2]])
    const [, beside] = encode([[1, 2, 3, 4, 5, 6], [4, 7, 2], [9]])
    expectClose(beside as number[], alone as number[], 'query')
  })

  test('tells histories apart by their oldest event and by their order', () => {
    const [base, older, swapped] = encode([
      [4, 7, 2],
      [5, 7, 2],
      [7, 4, 2],
    ]) as [number[], number[], number[]]
    const distance = (a: number[], b: number[]): number =>
      Math.hypot(...a.map((value, i) => value - (b[i] as number)))
    expect(distance(base, older)).toBeGreaterThan(0.01)
    expect(distance(base, swapped)).toBeGreaterThan(0.01)
  })

  test('keeps the hidden state of an event when a later event changes', () => {
    const hiddenOf = (rows: readonly number[]): Float32Array => {
      const hidden = tf.tidy(() => {
        const { offsets, tokens } = pack([rows])
        const layout = createLayoutTensors(tf, createRaggedLayout(offsets, 1))
        const tensors = [...parameters].map(
          ([name, { values, shape }]) => [name, tf.tensor(values, [...shape])] as const,
        )
        const ops = createTensorOps(tf, { layout, weights: new Map(tensors), dropoutSeed: null })
        const table = tf.tensor2d(itemTable, [21, config.dim])
        return encodeSequences(ops, tf.gather(table, tf.tensor1d(tokens, 'int32')), config)
      })
      const values = hidden.dataSync() as Float32Array
      hidden.dispose()
      return values
    }
    const [first, second] = [hiddenOf([4, 7, 2, 11]), hiddenOf([4, 7, 2, 12])] as const
    const earlier = 3 * config.dim
    expect(Array.from(first.subarray(0, earlier))).toEqual(Array.from(second.subarray(0, earlier)))
    expect(Array.from(first.subarray(earlier))).not.toEqual(Array.from(second.subarray(earlier)))
  })

  test('repeats itself for a seed and changes with another', () => {
    const engine = engineOf(config)
    const lossOf = (dropoutSeed: number): number => {
      const batch = {
        ...pack([[3, 5, 9]]),
        targets: Int32Array.from([5, 6, 7]),
        negatives: null,
        negativeBias: 0,
      }
      return engine.computeGradients(parameters, itemTable, { ...batch, dropoutSeed }).loss
    }
    expect(lossOf(1)).toBe(lossOf(1))
    expect(lossOf(1)).not.toBe(lossOf(2))
  })

  test('takes sampled softmax over every item for the full softmax', () => {
    const engine = engineOf(config)
    const everyItem = Int32Array.from({ length: 20 }, (_, i) => i)
    const lossOf = (negatives: Int32Array | null): number => {
      const batch = {
        ...pack([[3, 5, 9]]),
        targets: Int32Array.from([5, 6, 7]),
        negatives,
        negativeBias: 0,
      }
      return engine.computeGradients(parameters, itemTable.subarray(config.dim), {
        ...batch,
        dropoutSeed: 1,
      }).loss
    }
    expect(lossOf(everyItem)).toBeCloseTo(lossOf(null), 5)
  })

  test('leaves no tensor behind', () => {
    const engine = engineOf(config)
    const batch = {
      ...pack([[3, 5, 9], [1]]),
      targets: Int32Array.from([5, 6, 7, 2]),
      negatives: Int32Array.from([1, 4]),
    }
    const before = tf.memory().numTensors
    engine.computeGradients(parameters, itemTable, { ...batch, negativeBias: 1, dropoutSeed: 1 })
    const model = engine.load(parameters, itemTable)
    model.encode(batch)
    model.score(batch)
    model.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
