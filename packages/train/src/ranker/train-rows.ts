import {
  checkRowNetworkConfig,
  createRng,
  createRowParameters,
  hash32,
  type Parameters,
  type RowNetworkConfig,
  shuffle,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import type { RowLoss } from '../engine/row-trainer.ts'
import { createMoments } from '../fit/adam.ts'

/** How a network of rows is trained. */
export interface RowTrainingOptions {
  readonly epochs: number
  /** Highest learning rate, reached after a tenth of the steps; it then falls to 0 along a cosine. */
  readonly learningRate: number
  /** Lists a step. */
  readonly batchLists: number
  readonly seed: number
  readonly signal?: AbortSignal | undefined
  readonly onStep?: ((step: number, numSteps: number, loss: number) => void) | undefined
}

/** Rows in lists with what is right about them. */
export interface LabeledLists {
  /** Shape `[N, numFeatures]`, standardised; shared memory. */
  readonly rows: Float32Array
  /** List `n` is the range `offsets[n] .. offsets[n + 1] - 1` of rows. */
  readonly offsets: Int32Array
  readonly loss: RowLoss
}

/**
 * Returns the weights of a network trained on lists, all of equal weight.
 *
 * @param options - `outputBias` is where the biases of the outputs start. Zero by default.
 */
export async function trainRows(
  engine: Engine,
  config: RowNetworkConfig,
  {
    lists,
    outputBias,
    ...options
  }: RowTrainingOptions & {
    readonly lists: LabeledLists
    readonly outputBias?: readonly number[] | undefined
  },
): Promise<Parameters> {
  const { epochs, learningRate, batchLists, seed, signal, onStep } = options
  const { rows, offsets, loss } = lists
  checkRowNetworkConfig(config)
  const parameters = createRowParameters(config, seed)
  if (outputBias !== undefined) parameters.get('skip.bias')?.values.set(outputBias)
  const lengths = Int32Array.from(offsets.subarray(1), (end, n) => end - (offsets[n] as number))
  const trainer = await engine.createRowTrainer({
    config,
    parameters,
    moments: new Map(
      [...parameters].map(([name, { values }]) => [name, createMoments(values.length)]),
    ),
    rows,
    loss,
    maxListLength: lengths.reduce((max, length) => Math.max(max, length), 1),
  })
  try {
    const order = Int32Array.from(lengths.keys()).filter((n) => (lengths[n] as number) > 0)
    const numSteps = epochs * Math.ceil(order.length / batchLists)
    let step = 0
    for (let epoch = 0; epoch < epochs; epoch++) {
      shuffle(order, createRng(seed, epoch, 0x726f7773))
      for (let first = 0; first < order.length; first += batchLists) {
        signal?.throwIfAborted()
        const batch = placesOf(order.subarray(first, first + batchLists), offsets)
        step++
        const stepLoss = await trainer.step(
          { ...batch, dropoutSeed: hash32(seed, step) },
          { learningRate: learningRate * rateShare(step, numSteps), step },
        )
        onStep?.(step, numSteps, stepLoss)
      }
    }
    await trainer.read()
    return parameters
  } finally {
    trainer.dispose()
  }
}

/** Share of the highest rate at a step: up in a tenth of the run, down along a cosine. */
function rateShare(step: number, numSteps: number): number {
  const warmUp = Math.max(1, Math.round(0.1 * numSteps))
  if (step <= warmUp) return step / warmUp
  return 0.5 * (1 + Math.cos((Math.PI * (step - warmUp)) / Math.max(1, numSteps - warmUp)))
}

function placesOf(
  lists: Int32Array,
  offsets: Int32Array,
): { offsets: Int32Array; places: Int32Array } {
  const batchOffsets = new Int32Array(lists.length + 1)
  lists.forEach((n, b) => {
    batchOffsets[b + 1] =
      (batchOffsets[b] as number) + (offsets[n + 1] as number) - (offsets[n] as number)
  })
  const places = new Int32Array(batchOffsets[lists.length] as number)
  lists.forEach((n, b) => {
    const start = offsets[n] as number
    for (let i = batchOffsets[b] as number, row = start; i < (batchOffsets[b + 1] as number); i++)
      places[i] = row++
  })
  return { offsets: batchOffsets, places }
}
