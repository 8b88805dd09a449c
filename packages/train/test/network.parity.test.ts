import { readFileSync } from 'node:fs'
import {
  createEncoderConfig,
  createItemTable,
  createParameters,
  type EncoderConfig,
  parameterShapes,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../src/engine/create-engine.ts'
import type { Engine, PackedSequences, TrainingBatch } from '../src/engine/engine.ts'
import { createMoments } from '../src/fit/adam.ts'
import type { ModelState, Weights } from '../src/fit/model-state.ts'
import type { FitConfig } from '../src/fit/options.ts'
import { availableEngines } from './available-engines.ts'

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
  const tokens = Int32Array.from(sequences.flat())
  return {
    offsets: Int32Array.from(offsets),
    tokens,
    eventSeconds: new Float64Array(tokens.length),
    askedSeconds: new Float64Array(tokens.length),
  }
}

function freshState({ parameters, itemTable }: Weights): ModelState {
  return {
    parameters,
    itemTable,
    moments: new Map(
      [...parameters].map(([name, { values }]) => [name, createMoments(values.length)]),
    ),
    itemMoments: createMoments(itemTable.length),
  }
}

function stateOf({ config, weights }: ParityCase): ModelState {
  const named = [...parameterShapes(createEncoderConfig(config))].map(
    ([name, shape]) =>
      [name, { shape, values: Float32Array.from(weights[name] as number[]) }] as const,
  )
  return freshState({
    parameters: new Map(named),
    itemTable: Float32Array.from(weights.items as number[]),
  })
}

function batchOf({ loss }: ParityCase): TrainingBatch {
  const count = fixture.negatives.length
  const bias = Math.log(fixture.numItems / count)
  return {
    ...pack(fixture.sequences),
    tokens: Int32Array.from(fixture.sequences.flat(), (row) => row - 1),
    ...everyTokenAsked(fixture.targets.flat().map((row) => row - 1)),
    negatives:
      loss === 'softmax'
        ? null
        : {
            loss: 'softmax',
            beta: 1,
            sharedBy: 'batch',
            count,
            items: Int32Array.from(fixture.negatives, (row) => row - 1),
            bias: new Float32Array(count).fill(bias),
          },
    dropoutSeed: 0,
  }
}

/** Asks each token for one item, as the next-item objective does. */
function everyTokenAsked(
  targets: readonly number[],
): Pick<TrainingBatch, 'questions' | 'targets' | 'firstOutput' | 'prior'> {
  return {
    questions: Int32Array.from(targets, (_, t) => t),
    targets: Int32Array.from(targets),
    firstOutput: 0,
    prior: null,
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

describe.each(await availableEngines())('network on the %s engine', (engineName) => {
  const engineOf = (config: EncoderConfig): Promise<Engine> => createEngine(config, engineName)

  describe.each(fixture.cases)(
    'with $loss, $config.activation, $config.numHeads heads',
    (parity) => {
      const config = createEncoderConfig(parity.config)
      const { dim } = config
      const itemRows = Int32Array.from({ length: fixture.numItems }, (_, i) => i + 1)
      const prepared = { itemRows, batch: batchOf(parity) }

      test('gives the query vectors, loss and gradients of PyTorch', async () => {
        const state = stateOf(parity)
        const engine = await engineOf(config)
        const model = await engine.load(state)
        const { offsets } = pack(fixture.sequences)
        const newest = Array.from(offsets.subarray(1)).flatMap((end) =>
          parity.hidden.slice((end - 1) * dim, end * dim),
        )
        expectClose(await model.encode(pack(fixture.sequences)), newest, 'query vectors')
        model.dispose()

        const trainer = await engine.createTrainer(state)
        const result = await trainer.computeGradients(prepared)
        await engine.close()
        expect(Math.abs(result.loss - parity.lossValue)).toBeLessThan(TOLERANCE)
        for (const name of state.parameters.keys()) {
          expectClose(
            result.gradients.get(name) as Float32Array,
            parity.gradients[name] as number[],
            name,
          )
        }
        const items = (parity.gradients.items as number[]).slice(dim)
        expectClose(result.itemGradients, items, 'item vectors')
      })

      test('goes through the ten losses of PyTorch', async () => {
        const engine = await engineOf(config)
        const trainer = await engine.createTrainer(stateOf(parity))
        const { learningRate } = fixture
        const losses: number[] = []
        for (let step = 1; step <= parity.losses.length; step++) {
          losses.push(await trainer.step(prepared, { learningRate, step }))
        }
        await engine.close()
        expectClose(losses, parity.losses, 'losses')
      })
    },
  )

  const config = createEncoderConfig({
    dim: 8,
    numHeads: 2,
    maxLength: 6,
    feedForwardDim: 16,
    dropout: 0.5,
  })
  const weights = {
    parameters: createParameters(config, 3),
    itemTable: createItemTable(20, config.dim, 3).map((value) => 10 * value),
  }
  const encode = async (sequences: readonly (readonly number[])[]): Promise<number[][]> => {
    const engine = await engineOf(config)
    const model = await engine.load(weights)
    const queries = await model.encode(pack(sequences))
    await engine.close()
    return sequences.map((_, b) =>
      Array.from(queries.subarray(b * config.dim, (b + 1) * config.dim)),
    )
  }
  const lossOf = async (batch: Partial<TrainingBatch>): Promise<number> => {
    const engine = await engineOf(config)
    const trainer = await engine.createTrainer(freshState(weights))
    const { loss } = await trainer.computeGradients({
      itemRows: Int32Array.from({ length: 20 }, (_, i) => i + 1),
      batch: {
        ...pack([[3, 5, 9]]),
        ...everyTokenAsked([5, 6, 7]),
        negatives: null,
        dropoutSeed: 1,
        ...batch,
      },
    })
    await engine.close()
    return loss
  }

  test('encodes a history alike alone and beside longer ones', async () => {
    const [alone] = await encode([[4, 7, 2]])
    const [, beside] = await encode([[1, 2, 3, 4, 5, 6], [4, 7, 2], [9]])
    expectClose(beside as number[], alone as number[], 'query')
  })

  test('tells histories apart by their oldest event and by their order', async () => {
    const [base, older, swapped] = (await encode([
      [4, 7, 2],
      [5, 7, 2],
      [7, 4, 2],
    ])) as [number[], number[], number[]]
    const distance = (a: number[], b: number[]): number =>
      Math.hypot(...a.map((value, i) => value - (b[i] as number)))
    expect(distance(base, older)).toBeGreaterThan(0.01)
    expect(distance(base, swapped)).toBeGreaterThan(0.01)
  })

  test('lets no later event change what an earlier one is trained on', async () => {
    // The last token's only negative never counts, so the loss is that of the two tokens before it.
    const negatives = {
      loss: 'softmax',
      beta: 1,
      sharedBy: 'token',
      count: 1,
      items: Int32Array.of(0, 1, 2),
      bias: Float32Array.of(0, 0, -1e9),
    } as const
    const earlierLoss = (rows: number[]): Promise<number> =>
      lossOf({ ...pack([rows]), negatives, dropoutSeed: 4 })
    const loss = await earlierLoss([3, 5, 9])
    expect(await earlierLoss([3, 5, 11])).toBe(loss)
    expect(await earlierLoss([3, 6, 9])).not.toBeCloseTo(loss, 4)
  })

  test('repeats itself for a seed and changes with another', async () => {
    const first = await lossOf({ dropoutSeed: 1 })
    expect(await lossOf({ dropoutSeed: 1 })).toBe(first)
    expect(await lossOf({ dropoutSeed: 2 })).not.toBe(first)
  })

  test('takes sampled softmax over every item for the full softmax', async () => {
    const items = Int32Array.from({ length: 20 }, (_, i) => i)
    const negatives = {
      loss: 'softmax',
      beta: 1,
      sharedBy: 'batch',
      count: 20,
      items,
      bias: new Float32Array(20),
    } as const
    expect(await lossOf({ negatives })).toBeCloseTo(await lossOf({ negatives: null }), 5)
  })
})
