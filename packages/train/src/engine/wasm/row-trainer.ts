import { type RowNetworkConfig, rowParameterShapes, scoreRows } from '@perennial/core'
import { allocateShared, shareFloats } from '../../fit/model-state.ts'
import type { LoadedRows, RowBatch, RowState, RowTrainer, RowWeights } from '../row-trainer.ts'
import type { PlacedSequences, RowJob } from './jobs.ts'
import { placeNetwork } from './place-network.ts'
import type { NetworkDefinition } from './program.ts'
import type { Room } from './room.ts'
import { splitByCost } from './split-by-cost.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Creates the trainer of a network of rows on the engine's threads. */
export function createRowTrainer(
  pool: ThreadPool,
  room: Room,
  { state, id }: { readonly state: RowState; readonly id: number },
): RowTrainer {
  const { config, parameters, moments, loss, maxListLength } = state
  const { memory, numThreads } = pool
  const network = placeNetwork(memory, definition(config), {
    parameters,
    maxLength: maxListLength,
    numThreads,
  })
  const { placement, flat } = network
  for (const [name, { mean, square }] of moments) {
    const offset = (placement.weights.get(name)?.address as number) - flat.weights
    memory.write(flat.mean + offset, mean)
    memory.write(flat.square + offset, square)
  }
  const rows = shareFloats(state.rows)
  pool.tell({ id, job: { type: 'rowTrainer', placement, flat, rows, loss } })
  const run = (
    { offsets, places, dropoutSeed }: RowBatch,
    options: Pick<RowJob, 'type' | 'learningRate' | 'step'>,
  ): Promise<number> => {
    const job: RowJob = {
      ...options,
      arena: room.arena(network.fixedBytes),
      sequences: placeLists(room, offsets, { places, numThreads }),
      numLists: offsets.length - 1,
      dropoutSeed,
    }
    return pool.run({ id, job })
  }
  return {
    step: (batch, options) => run(batch, { type: 'rowStep', ...options }),
    computeGradients: async (batch) => {
      const sum = await run(batch, { type: 'rowGradients', learningRate: 0, step: 1 })
      const gradients = new Map(
        Array.from(placement.weights, ([name, { gradient, rows: count, columns }]) => [
          name,
          memory.readFloats(gradient, count * columns),
        ]),
      )
      memory.clear(flat.gradients, 4 * flat.length)
      return { loss: sum, gradients }
    },
    read: async () => {
      for (const [name, { values }] of parameters) {
        const { address } = placement.weights.get(name) as { address: number }
        const offset = address - flat.weights
        values.set(memory.readFloats(address, values.length))
        moments.get(name)?.mean.set(memory.readFloats(flat.mean + offset, values.length))
        moments.get(name)?.square.set(memory.readFloats(flat.square + offset, values.length))
      }
    },
    dispose: () => {
      pool.tell({ id, job: { type: 'drop' } })
      network.release()
    },
  }
}

/** Rows that are scored together. */
const SCORE_ROWS = 256

/** Loads a network of rows on the engine's threads. */
export function loadRows(
  pool: ThreadPool,
  room: Room,
  { weights, id }: { readonly weights: RowWeights; readonly id: number },
): LoadedRows {
  const { config, parameters } = weights
  const network = placeNetwork(pool.memory, definition(config), {
    parameters,
    maxLength: SCORE_ROWS,
    numThreads: 0,
  })
  pool.tell({ id, job: { type: 'rowModel', placement: network.placement } })
  return {
    score: async (rows) => {
      const numRows = rows.length / config.numFeatures
      const numLists = Math.ceil(numRows / SCORE_ROWS)
      const offsets = Int32Array.from({ length: numLists + 1 }, (_, n) =>
        Math.min(n * SCORE_ROWS, numRows),
      )
      const outputs = allocateShared(numRows * config.numOutputs)
      await pool.run({
        id,
        job: {
          type: 'rowScore',
          arena: room.arena(network.fixedBytes),
          sequences: placeLists(room, offsets, {
            places: new Int32Array(0),
            numThreads: pool.numThreads,
          }),
          rows: shareFloats(rows),
          outputs,
        },
      })
      return outputs
    },
    dispose: () => {
      pool.tell({ id, job: { type: 'drop' } })
      network.release()
    },
  }
}

function definition(config: RowNetworkConfig): NetworkDefinition {
  return {
    inputWidth: config.numFeatures,
    shapes: rowParameterShapes(config),
    define: (ops, rows) => scoreRows(ops, rows, config),
  }
}

/** Places lists where the threads look for sequences. */
function placeLists(
  room: Room,
  offsets: Int32Array,
  { places, numThreads }: { readonly places: Int32Array; readonly numThreads: number },
): PlacedSequences {
  const none = room.take('none', 8)
  return {
    offsets: room.put('offsets', offsets),
    tokens: room.put('tokens', places),
    eventSeconds: none,
    askedSeconds: none,
    keys: {},
    ranges: splitByCost(offsets, numThreads),
  }
}
