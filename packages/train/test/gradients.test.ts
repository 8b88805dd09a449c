import {
  createEncoderConfig,
  createItemTable,
  createParameters,
  createRng,
  type EncoderConfig,
  type EncoderOptions,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../src/engine/create-engine.ts'
import type { Negatives, PreparedBatch } from '../src/engine/engine.ts'
import { createMoments } from '../src/fit/adam.ts'
import type { ModelState } from '../src/fit/model-state.ts'
import { availableEngines } from './available-engines.ts'
import { type ReferenceWeights, referenceLoss } from './reference-network.ts'

const NUM_ITEMS = 9
const LENGTHS = [3, 1, 6, 5]
const HOUR = 3600

const NETWORKS: Readonly<Record<string, EncoderOptions>> = {
  'sasrec, gelu': { numBlocks: 2, numHeads: 2, activation: 'gelu', feedForwardDim: 10 },
  'sasrec, relu, odd width': { dim: 7, numBlocks: 1, activation: 'relu', feedForwardDim: 5 },
  'ligr with time features': {
    block: 'ligr',
    numHeads: 2,
    timeFeatures: ['gap', 'calendar'],
    feedForwardDim: 10,
  },
  hstu: { block: 'hstu', numHeads: 2 },
  'hstu, cosine': { block: 'hstu', similarity: 'cosine', temperature: 0.5 },
  'sasrec, cosine': { similarity: 'cosine', temperature: 0.3, numBlocks: 1 },
}

const LOSSES: Readonly<Record<string, Partial<Negatives> | null>> = {
  softmax: null,
  'sampled softmax of the batch': { loss: 'softmax', sharedBy: 'batch', count: 5 },
  'sampled softmax of each sequence': { loss: 'softmax', sharedBy: 'sequence', count: 3 },
  'sampled softmax of each token': { loss: 'softmax', sharedBy: 'token', count: 2 },
  'bce of each token': { loss: 'binary', beta: 1, sharedBy: 'token', count: 1 },
  'gbce of each sequence': { loss: 'binary', beta: 0.4, sharedBy: 'sequence', count: 4 },
}

/** Networks that all losses are tried with. */
const THOROUGH = ['sasrec, gelu', 'hstu, cosine']

/** What is asked of the tokens, and of which items. */
interface Asked {
  readonly questions: readonly number[]
  readonly firstOutput: number
  /** Rows of prior logits. */
  readonly priorRows: number
}

const NUM_TOKENS = LENGTHS.reduce((sum, length) => sum + length, 0)
const EVERY_TOKEN: Asked = {
  questions: Array.from({ length: NUM_TOKENS }, (_, t) => t),
  firstOutput: 0,
  priorRows: 0,
}
// Of the four sequences the second is asked nothing, and three tokens are asked more than once.
const SOME_TOKENS: Asked = {
  questions: [0, 2, 2, 4, 7, 7, 7, 9, 14, 14],
  firstOutput: 4,
  priorRows: 3,
}

function prepare(options: Partial<Negatives> | null, asked: Asked): PreparedBatch {
  const rng = createRng(11)
  const offsets = [0]
  for (const length of LENGTHS) offsets.push((offsets.at(-1) as number) + length)
  const numTokens = offsets.at(-1) as number
  const { firstOutput, priorRows } = asked
  const numOutputs = NUM_ITEMS - firstOutput
  const questions = Int32Array.from(asked.questions)
  const draw = (length: number, limit: number): Int32Array =>
    Int32Array.from({ length }, () => rng.nextInt(limit))
  const eventSeconds = new Float64Array(numTokens)
  const askedSeconds = new Float64Array(numTokens)
  let now = 1_300_000_000
  for (let t = 0; t < numTokens; t++) {
    eventSeconds[t] = now
    now += Math.floor(HOUR * 40 * rng.next())
    askedSeconds[t] = now
  }
  const count = options?.count ?? 0
  const numLists = { batch: 1, sequence: LENGTHS.length, token: questions.length }
  const length = count * numLists[options?.sharedBy ?? 'batch']
  return {
    itemRows: Int32Array.from({ length: NUM_ITEMS }, (_, i) => i + 1),
    batch: {
      offsets: Int32Array.from(offsets),
      tokens: draw(numTokens, firstOutput === 0 ? NUM_ITEMS : firstOutput),
      questions,
      targets: draw(questions.length, numOutputs),
      firstOutput,
      prior:
        priorRows === 0
          ? null
          : {
              values: Float32Array.from({ length: priorRows * numOutputs }, () => rng.nextNormal()),
              rows: draw(questions.length, priorRows),
            },
      eventSeconds,
      askedSeconds,
      dropoutSeed: 1,
      negatives:
        options === null
          ? null
          : {
              loss: 'softmax',
              beta: 1,
              sharedBy: 'batch',
              count,
              ...options,
              items: draw(length, numOutputs),
              bias: Float32Array.from({ length }, () => rng.next()),
            },
    },
  }
}

function createState(config: EncoderConfig): ModelState {
  const parameters = createParameters(config, 3)
  const rng = createRng(5)
  // Fresh gains are one, biases zero and tables small, which would hide much.
  for (const { values } of parameters.values())
    for (let i = 0; i < values.length; i++)
      values[i] = (values[i] as number) + 0.3 * rng.nextNormal()
  const itemTable = createItemTable(NUM_ITEMS, config.dim, 3).map((v) => 20 * v)
  return {
    parameters,
    itemTable,
    moments: new Map(
      [...parameters].map(([name, { values }]) => [name, createMoments(values.length)]),
    ),
    itemMoments: createMoments(itemTable.length),
  }
}

/** Central differences of the float64 reference, for every weight. */
function differences(
  config: EncoderConfig,
  state: ModelState,
  prepared: PreparedBatch,
): { loss: number; gradients: ReferenceWeights } {
  const weights = new Map<string, Float64Array>()
  for (const [name, { values }] of state.parameters) weights.set(name, Float64Array.from(values))
  weights.set('items', Float64Array.from(state.itemTable.subarray(config.dim)))
  const lossOf = (): number =>
    referenceLoss(config, weights, { shapes: state.parameters, prepared })
  const gradients = new Map<string, Float64Array>()
  for (const [name, values] of weights) {
    const gradient = new Float64Array(values.length)
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number
      const step = 1e-5
      values[i] = value + step
      const above = lossOf()
      values[i] = value - step
      gradient[i] = (above - lossOf()) / (2 * step)
      values[i] = value
    }
    gradients.set(name, gradient)
  }
  return { loss: lossOf(), gradients }
}

/** Distance of two gradients relative to the length of the right one, plus a little of the whole gradient's. */
function relativeError(actual: ArrayLike<number>, expected: Float64Array, whole: number): number {
  let difference = 0
  let length = 0
  expected.forEach((value, i) => {
    difference += ((actual[i] as number) - value) ** 2
    length += value ** 2
  })
  return Math.sqrt(difference) / (Math.sqrt(length) + 1e-3 * whole)
}

describe('gradients are those of finite differences, on every engine', () => {
  const cases = Object.keys(NETWORKS).flatMap((network) =>
    Object.keys(LOSSES)
      .filter((loss) => loss === 'softmax' || THOROUGH.includes(network))
      .flatMap((loss) => [
        { network, loss, asks: 'every token', asked: EVERY_TOKEN },
        { network, loss, asks: 'some tokens, of other items, with a prior', asked: SOME_TOKENS },
      ]),
  )
  test.each(cases)('$network, $loss, $asks', async ({ network, loss, asked }) => {
    const config = createEncoderConfig({ dim: 6, maxLength: 6, dropout: 0, ...NETWORKS[network] })
    const prepared = prepare(LOSSES[loss] as Partial<Negatives> | null, asked)
    const expected = differences(config, createState(config), prepared)
    const whole = Math.sqrt(
      [...expected.gradients.values()].flatMap((g) => [...g]).reduce((sum, v) => sum + v * v, 0),
    )
    for (const engineName of await availableEngines()) {
      const engine = await createEngine(config, engineName, { numThreads: 2 })
      const trainer = await engine.createTrainer(createState(config))
      const result = await trainer.computeGradients(prepared)
      trainer.dispose()
      await engine.close()
      const error = Math.abs(result.loss - expected.loss)
      expect(error, engineName).toBeLessThan(1e-5 * Math.max(1, expected.loss))
      for (const [name, gradient] of expected.gradients) {
        const actual =
          name === 'items' ? result.itemGradients : (result.gradients.get(name) as Float32Array)
        expect(actual.length, name).toBe(gradient.length)
        expect(relativeError(actual, gradient, whole), `${engineName} ${name}`).toBeLessThan(1e-3)
      }
    }
  })
})
