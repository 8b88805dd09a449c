import { type EncoderConfig, encodeSequences, type Parameters } from '@perennial/core'
import type * as Tensorflow from '@tensorflow/tfjs'
import type {
  Engine,
  GradientResult,
  LoadedModel,
  PackedSequences,
  TrainingBatch,
} from './engine.ts'
import { createRaggedLayout } from './ragged-layout.ts'
import { crossEntropyLoss } from './tensor-loss.ts'
import { createLayoutTensors, createTensorOps, gatherRows, type Tf } from './tensor-ops.ts'

type Tensor = Tensorflow.Tensor
type Tensor2D = Tensorflow.Tensor2D

/** Length groups a batch is cut into for attention; measured best of 1..16 on ml-1m and Beauty. */
const NUM_GROUPS = 6

/**
 * Creates an engine that runs the network on tf.js, whichever backend `tf` has been set to.
 *
 * @param name - How logs and reports call it, for example `tensorflow`.
 */
export function createTensorflowEngine(
  tf: Tf,
  { name, config }: { name: string; config: EncoderConfig },
): Engine {
  return {
    name,
    computeGradients: (parameters, itemVectors, batch) => {
      let result: GradientResult | undefined
      tf.tidy(() => {
        result = computeGradients(tf, config, { parameters, itemVectors, batch })
      })
      return result as GradientResult
    },
    load: (parameters, itemTable) => loadModel(tf, config, { parameters, itemTable }),
  }
}

interface StepInput {
  readonly parameters: Parameters
  readonly itemVectors: Float32Array
  readonly batch: TrainingBatch
}

function computeGradients(
  tf: Tf,
  config: EncoderConfig,
  { parameters, itemVectors, batch }: StepInput,
): GradientResult {
  const names = [...parameters.keys()]
  const layout = createLayoutTensors(tf, createRaggedLayout(batch.offsets, NUM_GROUPS))
  const tokens = tf.tensor1d(batch.tokens, 'int32')
  const items = tf.tensor2d(itemVectors, [itemVectors.length / config.dim, config.dim])
  const { value, grads } = tf.valueAndGrads((table: Tensor, ...tensors: Tensor[]) => {
    const weights = new Map(names.map((name, i) => [name, tensors[i] as Tensor]))
    const ops = createTensorOps(tf, { layout, weights, dropoutSeed: batch.dropoutSeed })
    const hidden = encodeSequences(ops, gatherRows(tf, table as Tensor2D, tokens), config)
    return crossEntropyLoss(tf, hidden, table as Tensor2D, batch)
  })([items, ...toTensors(tf, parameters)])
  const [itemGradients, ...gradients] = grads as [Tensor, ...Tensor[]]
  return {
    loss: value.dataSync()[0] as number,
    itemGradients: itemGradients.dataSync() as Float32Array,
    gradients: new Map(names.map((name, i) => [name, gradients[i]?.dataSync() as Float32Array])),
  }
}

function loadModel(
  tf: Tf,
  config: EncoderConfig,
  { parameters, itemTable }: { parameters: Parameters; itemTable: Float32Array },
): LoadedModel {
  const names = [...parameters.keys()]
  const tensors = toTensors(tf, parameters)
  const table = tf.tensor2d(itemTable, [itemTable.length / config.dim, config.dim])
  const weights = new Map(names.map((name, i) => [name, tensors[i] as Tensor]))
  const queries = ({ offsets, tokens }: PackedSequences): Tensor2D => {
    const layout = createRaggedLayout(offsets, NUM_GROUPS)
    const ops = createTensorOps(tf, {
      layout: createLayoutTensors(tf, layout),
      weights,
      dropoutSeed: null,
    })
    const hidden = encodeSequences(ops, tf.gather(table, tf.tensor1d(tokens, 'int32')), config)
    return tf.gather(hidden, tf.tensor1d(layout.newest, 'int32'))
  }
  const run = (build: () => Tensor): Float32Array => {
    const result = tf.tidy(build)
    const values = result.dataSync() as Float32Array
    result.dispose()
    return values
  }
  return {
    encode: (sequences) => run(() => queries(sequences)),
    score: (sequences) => run(() => tf.matMul(queries(sequences), table, false, true)),
    dispose: () => tf.dispose([...tensors, table]),
  }
}

function toTensors(tf: Tf, parameters: Parameters): Tensor[] {
  return Array.from(parameters.values(), ({ values, shape }) =>
    tf.tensor(values, shape as number[]),
  )
}
