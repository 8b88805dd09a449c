import { availableParallelism } from 'node:os'
import { checkInteger, type EncoderConfig, type TokenKey, tokenKeys } from '@perennial/core'
import { shareFloats } from '../../fit/model-state.ts'
import type {
  Engine,
  GradientResult,
  LoadedModel,
  PackedSequences,
  PreparedBatch,
  StepOptions,
  Trainer,
  TrainingBatch,
} from '../engine.ts'
import { encoderDefinition } from './encoder-definition.ts'
import type { PlacedSequences, StepJob } from './jobs.ts'
import { type PlacedNetwork, placeNetwork } from './place-network.ts'
import { createRoom, type Room } from './room.ts'
import { createRowTrainer, loadRows } from './row-trainer.ts'
import { lossBytes } from './run-loss.ts'
import { scoreBlockBytes } from './score-block.ts'
import { splitByCost } from './split-by-cost.ts'
import { createThreadPool, type ThreadPool } from './thread-pool.ts'

/** Options of {@link createWasmEngine}. */
export interface WasmEngineOptions {
  /** Threads that compute; gradients are summed by thread, so it is part of what makes a run repeatable. @defaultValue the cores of the machine, at most 16 */
  readonly numThreads?: number | undefined
}

/**
 * Creates an engine that runs the network on our own kernels in WebAssembly, on threads of its own.
 *
 * Forward and backward run per micro-batch of whole sequences, so that activations stay in the cache. The caller's
 * event loop is free meanwhile. A run with the same seed and number of threads repeats itself bit for bit.
 */
export async function createWasmEngine(
  config: EncoderConfig,
  { numThreads = Math.min(16, availableParallelism()) }: WasmEngineOptions = {},
): Promise<Engine> {
  checkInteger('numThreads', numThreads, 1, 256)
  const pool = await createThreadPool(numThreads)
  const room = createRoom(pool)
  const encoder = encoderDefinition(config)
  let nextId = 0
  return {
    name: `wasm ${pool.build} (${numThreads} ${numThreads === 1 ? 'thread' : 'threads'})`,
    createTrainer: async (state) => {
      const network = placeNetwork(pool.memory, encoder, {
        ...state,
        maxLength: config.maxLength,
        numThreads,
      })
      const id = nextId++
      const { parameters, moments } = state
      const items = [state.itemTable, state.itemMoments.mean, state.itemMoments.square] as const
      const shared = items.map(shareFloats) as [Float32Array, Float32Array, Float32Array]
      const [itemTable, itemMean, itemSquare] = shared
      const { placement, flat } = network
      for (const [name, { mean, square }] of moments) {
        const offset = (placement.weights.get(name)?.address as number) - flat.weights
        pool.memory.write(flat.mean + offset, mean)
        pool.memory.write(flat.square + offset, square)
      }
      pool.tell({
        id,
        job: {
          type: 'trainer',
          placement,
          flat,
          itemTable,
          itemMean,
          itemSquare,
          unitItems: config.similarity === 'cosine',
        },
      })
      return createTrainer({ pool, room, network, id, dim: config.dim }, () => {
        items.forEach((values, i) => {
          if (values !== shared[i]) values.set(shared[i] as Float32Array)
        })
        for (const [name, { values }] of parameters) {
          const { address } = placement.weights.get(name) as { address: number }
          const offset = address - flat.weights
          values.set(pool.memory.readFloats(address, values.length))
          moments.get(name)?.mean.set(pool.memory.readFloats(flat.mean + offset, values.length))
          moments.get(name)?.square.set(pool.memory.readFloats(flat.square + offset, values.length))
        }
      })
    },
    load: async ({ parameters, itemTable, outputTable = itemTable }) => {
      const network = placeNetwork(pool.memory, encoder, {
        parameters,
        maxLength: config.maxLength,
        numThreads: 0,
      })
      const id = nextId++
      const inputs = shareFloats(itemTable)
      const outputs = outputTable === itemTable ? inputs : shareFloats(outputTable)
      const { placement } = network
      pool.tell({
        id,
        job: { type: 'model', placement, itemTable: inputs, outputTable: outputs },
      })
      return createModel({ pool, room, network, id, dim: config.dim }, outputs.length / config.dim)
    },
    createRowTrainer: async (state) => createRowTrainer(pool, room, { state, id: nextId++ }),
    loadRows: async (weights) => loadRows(pool, room, { weights, id: nextId++ }),
    close: () => pool.close(),
  }
}

interface Context {
  readonly pool: ThreadPool
  readonly room: Room
  readonly network: PlacedNetwork
  readonly id: number
  readonly dim: number
}

function createTrainer({ pool, room, network, id, dim }: Context, read: () => void): Trainer {
  const { placement, flat } = network
  const place = (
    prepared: PreparedBatch,
    options: StepOptions,
    type: StepJob['type'],
  ): StepJob => ({
    type,
    ...options,
    ...placeBatch({ pool, room, network, id, dim }, prepared),
  })
  return {
    step: async (prepared, options) => {
      const job = place(prepared, options, 'step')
      return (await pool.run({ id, job })) / job.numQuestions
    },
    computeGradients: async (prepared): Promise<GradientResult> => {
      const job = place(prepared, { learningRate: 0, step: 1 }, 'gradients')
      const loss = (await pool.run({ id, job })) / job.numQuestions
      const gradients = new Map(
        Array.from(placement.weights, ([name, { gradient, rows, columns }]) => [
          name,
          pool.memory.readFloats(gradient, rows * columns),
        ]),
      )
      const itemGradients = pool.memory.readFloats(job.itemGradients, job.numItems * dim)
      pool.memory.clear(flat.gradients, 4 * flat.length)
      pool.memory.clear(job.itemGradients, 4 * job.numItems * dim)
      return { loss, gradients, itemGradients }
    },
    read: async () => read(),
    dispose: () => drop({ pool, network, id }),
  }
}

function createModel(context: Context, width: number): LoadedModel {
  const { pool, room, network, id, dim } = context
  let scores = new Float32Array(new SharedArrayBuffer(0))
  const run = async (
    sequences: PackedSequences,
    into: Float32Array | null,
  ): Promise<Float32Array> => {
    const numSequences = sequences.offsets.length - 1
    const bytes = network.fixedBytes + Math.max(network.scratchBytes, scoreBlockBytes(dim))
    const arena = room.arena(bytes)
    const queries = room.take('queries', 4 * dim * numSequences)
    const placed = placeSequences(context, sequences)
    await pool.run({
      id,
      job: { type: 'score', arena, sequences: placed, numSequences, queries, scores: into },
    })
    return into ?? pool.memory.readFloats(queries, dim * numSequences)
  }
  return {
    encode: (sequences) => run(sequences, null),
    score: (sequences) => {
      const length = (sequences.offsets.length - 1) * width
      // One for all calls: threads hold on to a shared array until they collect garbage, which they hardly make.
      if (scores.length < length) scores = new Float32Array(new SharedArrayBuffer(4 * length))
      return run(sequences, scores.subarray(0, length))
    },
    dispose: () => drop(context),
  }
}

function drop({ pool, network, id }: Pick<Context, 'pool' | 'network' | 'id'>): void {
  pool.tell({ id, job: { type: 'drop' } })
  network.release()
}

/** Copies a batch into the memory and returns where everything is. */
function placeBatch(
  context: Context,
  { itemRows, batch }: PreparedBatch,
): Omit<StepJob, 'type' | 'learningRate' | 'step'> {
  const { pool, room, network, dim } = context
  const { numThreads } = pool
  const numItems = itemRows.length
  const { questions, targets, firstOutput, prior } = batch
  const numOutputs = numItems - firstOutput
  const negatives = placeNegatives(context, batch.negatives)
  const itemsWide = numItems + 8
  const bytes =
    network.fixedBytes + Math.max(network.scratchBytes, lossBytes({ numOutputs, negatives }, dim))
  const itemBytes = room.sized('itemGradients', 4 * dim * numItems)
  return {
    arena: room.arena(bytes),
    sequences: placeSequences(context, batch),
    numQuestions: questions.length,
    questions: room.put('questions', questions),
    targets: room.put('targets', targets),
    questionStarts: room.put('questionStarts', questionStarts(batch)),
    dropoutSeed: batch.dropoutSeed,
    itemRows: room.put('itemRows', itemRows),
    numItems,
    firstOutput,
    items: room.take('items', 4 * dim * numItems),
    itemsTransposed: negatives === null ? room.take('itemsTransposed', 4 * dim * itemsWide) : 0,
    itemsWide,
    itemInverses: room.take('itemInverses', 4 * numItems),
    itemGradients: room.take('itemGradients', itemBytes * numThreads),
    itemGradientStride: itemBytes,
    negatives,
    prior:
      prior === null
        ? null
        : {
            values: room.put('priorValues', prior.values),
            rows: room.put('priorRows', prior.rows),
          },
  }
}

/** Returns the number of questions before each sequence: shape `[B + 1]`. */
function questionStarts({
  offsets,
  questions,
}: Pick<TrainingBatch, 'offsets' | 'questions'>): Int32Array {
  let q = 0
  return offsets.map((first) => {
    while (q < questions.length && (questions[q] as number) < first) q++
    return q
  })
}

function placeNegatives(
  { pool, room, dim }: Context,
  negatives: PreparedBatch['batch']['negatives'],
): StepJob['negatives'] {
  if (negatives === null) return null
  const { loss, beta, sharedBy, count } = negatives
  const stride = room.sized('negativeGradients', 4 * dim * count)
  const shared = sharedBy === 'batch'
  const wide = count + 8
  return {
    loss,
    beta,
    sharedBy,
    count,
    items: room.put('negatives', negatives.items),
    bias: room.put('negativeBias', negatives.bias),
    vectors: shared ? room.take('negativeVectors', 4 * dim * count) : 0,
    transposed: shared ? room.take('negativesTransposed', 4 * dim * wide) : 0,
    wide,
    gradients: shared ? room.take('negativeGradients', stride * pool.numThreads) : 0,
    gradientStride: stride,
  }
}

function placeSequences(
  { pool, room, network }: Context,
  sequences: PackedSequences,
): PlacedSequences {
  const keys: Partial<Record<TokenKey, number>> = {}
  for (const key of network.keys) keys[key] = room.put(`key ${key}`, tokenKeys(sequences, key))
  return {
    offsets: room.put('offsets', sequences.offsets),
    tokens: room.put('tokens', sequences.tokens),
    eventSeconds: room.put('eventSeconds', sequences.eventSeconds),
    askedSeconds: room.put('askedSeconds', sequences.askedSeconds),
    keys,
    ranges: splitByCost(sequences.offsets, pool.numThreads),
  }
}
