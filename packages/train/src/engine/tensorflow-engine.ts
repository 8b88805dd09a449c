import { type EncoderConfig, encodeSequences } from '@perennial/core'
import type * as Tensorflow from '@tensorflow/tfjs'
import { applyAdamToRows } from '../fit/adam.ts'
import type { ModelState } from '../fit/model-state.ts'
import type {
  Engine,
  LoadedModel,
  LoadedWeights,
  PackedSequences,
  PreparedBatch,
  Trainer,
} from './engine.ts'
import type { Tf } from './tensor-backend.ts'
import { createTensorLayout } from './tensor-layout.ts'
import { batchLoss } from './tensor-loss.ts'
import { createTensorOps, gatherRows, unitRows } from './tensor-ops.ts'
import { createTensorRowTrainer, loadTensorRows } from './tensor-row-trainer.ts'
import { createTensorVariables, type TensorVariables } from './tensor-variables.ts'

type Tensor = Tensorflow.Tensor
type Tensor2D = Tensorflow.Tensor2D

/**
 * Creates an engine that runs the network on libtensorflow through tf.js.
 *
 * Dense weights stay in native variables; the item table stays in the state's typed arrays, of which a step takes
 * the rows that it uses. Work runs on the calling thread and its native helpers.
 *
 * @param name - How logs and reports call it, for example `tensorflow 2.21.0`.
 */
export function createTensorflowEngine(
  tf: Tf,
  { name, config }: { readonly name: string; readonly config: EncoderConfig },
): Engine {
  return {
    name,
    createTrainer: async (state) => createTrainer(tf, config, state),
    createRowTrainer: async (state) => createTensorRowTrainer(tf, state),
    loadRows: async (weights) => loadTensorRows(tf, weights),
    load: async (weights) => loadModel(tf, config, weights),
    close: async () => {},
  }
}

interface Gradients {
  readonly loss: number
  readonly items: Float32Array
  readonly dense: readonly Tensor[]
}

function createTrainer(tf: Tf, config: EncoderConfig, state: ModelState): Trainer {
  const variables = createTensorVariables(tf, state)
  const { dim } = config
  /** Runs forward and backward; `use` gets the gradients while their tensors live. */
  const run = <T>(prepared: PreparedBatch, use: (gradients: Gradients) => T): T => {
    const scope: { result?: T } = {}
    tf.tidy(() => {
      scope.result = use(computeGradients(tf, config, { variables, state, prepared }))
    })
    return scope.result as T
  }
  return {
    step: async (prepared, options) =>
      run(prepared, ({ loss, items, dense }) => {
        variables.apply(dense, options)
        const { itemTable, itemMoments } = state
        const rows = { rows: prepared.itemRows, gradients: items, moments: itemMoments, dim }
        applyAdamToRows(itemTable, rows, options)
        return loss
      }),
    computeGradients: async (prepared) =>
      run(prepared, ({ loss, items, dense }) => ({
        loss,
        itemGradients: items,
        gradients: new Map(
          variables.names.map((name, i) => [name, dense[i]?.dataSync() as Float32Array]),
        ),
      })),
    read: async () => variables.read(),
    dispose: () => variables.dispose(),
  }
}

function computeGradients(
  tf: Tf,
  config: EncoderConfig,
  {
    variables,
    state,
    prepared,
  }: { variables: TensorVariables; state: ModelState; prepared: PreparedBatch },
): Gradients {
  const { itemRows, batch } = prepared
  const { dim } = config
  const vectors = new Float32Array(itemRows.length * dim)
  itemRows.forEach((row, i) => {
    vectors.set(state.itemTable.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  const layout = createTensorLayout(tf, batch, config)
  // Made here, since gradients are taken after what the function below makes is gone.
  const tokens = tf.tensor1d(batch.tokens, 'int32')
  const questions = tf.tensor1d(batch.questions, 'int32')
  const { value, grads } = tf.valueAndGrads((table: Tensor, ...tensors: Tensor[]) => {
    const weights = new Map(variables.names.map((name, i) => [name, tensors[i] as Tensor]))
    const items =
      config.similarity === 'cosine' ? unitRows(tf, table as Tensor2D, 1) : (table as Tensor2D)
    const ops = createTensorOps(tf, { config, layout, weights, dropoutSeed: batch.dropoutSeed })
    const hidden = encodeSequences(ops, gatherRows(tf, items, tokens), config)
    const asked = gatherRows(tf, hidden, questions)
    const outputs = tf.slice(items, [batch.firstOutput, 0], [-1, -1])
    return batchLoss(tf, asked, { items: outputs, batch })
  })([tf.tensor2d(vectors, [itemRows.length, dim]), ...variables.weights()])
  const [items, ...dense] = grads as [Tensor, ...Tensor[]]
  return {
    loss: value.dataSync()[0] as number,
    items: items.dataSync() as Float32Array,
    dense,
  }
}

function loadModel(
  tf: Tf,
  config: EncoderConfig,
  { parameters, itemTable, outputTable }: LoadedWeights,
): LoadedModel {
  const weights = new Map(
    Array.from(parameters, ([name, { values, shape }]) => [
      name,
      tf.tensor(values.slice(), [...shape]),
    ]),
  )
  // A copy: the native library takes no memory that threads share.
  const hold = (values: Float32Array): Tensor2D =>
    tf.tensor2d(values.slice(), [values.length / config.dim, config.dim])
  const table = hold(itemTable)
  const outputs = outputTable === undefined ? table : hold(outputTable)
  const queries = (sequences: PackedSequences): Tensor2D => {
    const layout = createTensorLayout(tf, sequences, config)
    const ops = createTensorOps(tf, { config, layout, weights, dropoutSeed: null })
    const input = tf.gather(table, tf.tensor1d(sequences.tokens, 'int32'))
    return tf.gather(encodeSequences(ops, input, config), layout.newest)
  }
  const run = (build: () => Tensor): Float32Array => {
    const result = tf.tidy(build)
    const values = result.dataSync() as Float32Array
    result.dispose()
    return values
  }
  return {
    encode: async (sequences) => run(() => queries(sequences)),
    score: async (sequences) => run(() => tf.matMul(queries(sequences), outputs, false, true)),
    dispose: () => tf.dispose([...weights.values(), table, outputs]),
  }
}
