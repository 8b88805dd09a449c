import {
  createEncoderConfig,
  createRng,
  createRowParameters,
  type Parameters,
  type RowNetworkConfig,
  type RowOps,
  scoreRows,
} from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createEngine } from '../src/engine/create-engine.ts'
import type { RowBatch, RowLoss, RowState } from '../src/engine/row-trainer.ts'
import { createMoments } from '../src/fit/adam.ts'
import { availableEngines } from './available-engines.ts'

const NUM_ROWS = 40
const NUM_FEATURES = 7
const BATCH: RowBatch = {
  offsets: Int32Array.of(0, 5, 6, 18),
  places: Int32Array.from({ length: 18 }, (_, i) => (i * 7) % NUM_ROWS),
  dropoutSeed: 3,
}

const rng = createRng(4)
const rows = Float32Array.from({ length: NUM_ROWS * NUM_FEATURES }, () => rng.nextNormal())

const LOSSES: Readonly<Record<string, { loss: RowLoss; numOutputs: number }>> = {
  'one softmax a list': {
    numOutputs: 1,
    loss: {
      type: 'list',
      // The second list has no target; the others two each.
      weights: listWeights([1, 3, 7, 11]),
      bias: Float32Array.from({ length: NUM_ROWS }, () => rng.next()),
    },
  },
  'a range of outputs': {
    numOutputs: 4,
    loss: {
      type: 'range',
      low: Uint8Array.from({ length: NUM_ROWS }, (_, i) => i % 3),
      high: Uint8Array.from({ length: NUM_ROWS }, (_, i) => Math.max(i % 3, (i * 5) % 4)),
      weights: Float32Array.from({ length: NUM_ROWS }, () => 0.5 + rng.next()),
    },
  },
}

function listWeights(positions: readonly number[]): Float32Array {
  const weights = new Float32Array(NUM_ROWS)
  for (const position of positions) weights[BATCH.places[position] as number] = 0.5
  return weights
}

function at(matrix: number[][], r: number, c: number): number {
  return matrix[r]?.[c] as number
}

/** The operations in double precision. */
function referenceOps(parameters: Parameters): RowOps<number[][]> {
  return {
    parameter: (name) => {
      const { values, shape } = parameters.get(name) as { values: Float32Array; shape: number[] }
      const [height, width] = shape.length === 2 ? shape : [1, shape[0]]
      return Array.from({ length: height as number }, (_, r) =>
        Array.from(
          { length: width as number },
          (_, c) => values[r * (width as number) + c] as number,
        ),
      )
    },
    add: (a, b) => a.map((row, r) => row.map((v, c) => v + at(b, b.length === 1 ? 0 : r, c))),
    matMul: (x, w) =>
      x.map((row) =>
        (w[0] as number[]).map((_, c) => row.reduce((sum, v, i) => sum + v * at(w, i, c), 0)),
      ),
    relu: (x) => x.map((row) => row.map((v) => Math.max(v, 0))),
    dropout: (x) => x,
  }
}

/** The loss by its definition, mean over lists. */
function referenceLoss({ config, parameters, loss }: RowState): number {
  const features = Array.from(BATCH.places, (place) =>
    Array.from(rows.subarray(place * NUM_FEATURES, (place + 1) * NUM_FEATURES)),
  )
  const outputs = scoreRows(referenceOps(parameters), features, config)
  let sum = 0
  for (let b = 0; b + 1 < BATCH.offsets.length; b++) {
    const range = [BATCH.offsets[b] as number, BATCH.offsets[b + 1] as number] as const
    const places = BATCH.places.subarray(...range)
    const scores = outputs.slice(...range)
    if (loss.type === 'list') {
      const logits = scores.map(
        ([score], i) => (score as number) + (loss.bias[places[i] as number] as number),
      )
      const logSum = Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0))
      logits.forEach((logit, i) => {
        sum -= (loss.weights[places[i] as number] as number) * (logit - logSum)
      })
    } else {
      scores.forEach((row, i) => {
        const place = places[i] as number
        const powers = row.map(Math.exp)
        const total = powers.reduce((all, power) => all + power, 0)
        const inside = powers
          .slice(loss.low[place], (loss.high[place] as number) + 1)
          .reduce((all, power) => all + power, 0)
        sum -= (loss.weights[place] as number) * Math.log(inside / total)
      })
    }
  }
  return sum / (BATCH.offsets.length - 1)
}

function stateOf(hidden: readonly number[], name: string, dropout = 0): RowState {
  const { loss, numOutputs } = LOSSES[name] as (typeof LOSSES)[string]
  const config: RowNetworkConfig = { numFeatures: NUM_FEATURES, hidden, numOutputs, dropout }
  const parameters = createRowParameters(config, 9)
  const draw = createRng(8)
  for (const { values } of parameters.values())
    for (let i = 0; i < values.length; i++) values[i] = 0.5 * draw.nextNormal()
  const moments = new Map(
    [...parameters].map(([key, { values }]) => [key, createMoments(values.length)]),
  )
  return { config, parameters, moments, rows, loss, maxListLength: 12 }
}

const engines = await availableEngines()

describe.each(engines)('a network of rows on engine %s', (choice) => {
  test.each(
    Object.keys(LOSSES).flatMap((loss) => [[], [5], [6, 3]].map((hidden) => ({ loss, hidden }))),
  )('has the gradients of $loss with hidden layers $hidden', async ({ loss, hidden }) => {
    const engine = await createEngine(createEncoderConfig(), choice, { numThreads: 2 })
    const state = stateOf(hidden, loss)
    const trainer = await engine.createRowTrainer(state)
    const result = await trainer.computeGradients(BATCH)
    expect(result.loss).toBeCloseTo(referenceLoss(state), 5)
    for (const [name, { values }] of state.parameters) {
      const gradients = result.gradients.get(name) as Float32Array
      for (let i = 0; i < values.length; i += 3) {
        const held = values[i] as number
        const lossAt = (shift: number): number => {
          values[i] = held + shift
          return referenceLoss(state)
        }
        const expected = (lossAt(1e-3) - lossAt(-1e-3)) / 2e-3
        values[i] = held
        expect(Math.abs((gradients[i] as number) - expected), `${name}[${i}]`).toBeLessThan(2e-3)
      }
    }
    trainer.dispose()
    await engine.close()
  })

  test('learns, repeats itself with the same seed, and drops values in training alone', async () => {
    const runs: Float32Array[] = []
    for (const dropout of [0.3, 0.3, 0]) {
      const engine = await createEngine(createEncoderConfig(), choice, { numThreads: 2 })
      const state = stateOf([6, 3], 'one softmax a list', dropout)
      const before = referenceLoss(state)
      const trainer = await engine.createRowTrainer(state)
      for (let step = 1; step <= 60; step++)
        await trainer.step({ ...BATCH, dropoutSeed: step }, { learningRate: 0.02, step })
      await trainer.read()
      trainer.dispose()
      expect(referenceLoss(state)).toBeLessThan(0.7 * before)
      const loaded = await engine.loadRows(state)
      const scores = Float32Array.from(await loaded.score(rows))
      loaded.dispose()
      await engine.close()
      const features = Array.from({ length: NUM_ROWS }, (_, i) =>
        Array.from(rows.subarray(i * NUM_FEATURES, (i + 1) * NUM_FEATURES)),
      )
      scoreRows(referenceOps(state.parameters), features, state.config).forEach(([score], i) => {
        expect(scores[i]).toBeCloseTo(score as number, 4)
      })
      runs.push(scores)
    }
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]).not.toEqual(runs[2])
  })
})
