import { scoreRows } from '@perennial/core'
import type * as Tensorflow from '@tensorflow/tfjs'
import { rowLoss } from './row-loss.ts'
import type { LoadedRows, RowBatch, RowState, RowTrainer, RowWeights } from './row-trainer.ts'
import type { Tf } from './tensor-backend.ts'
import { createTensorRowOps } from './tensor-ops.ts'
import { createTensorVariables } from './tensor-variables.ts'

type Tensor = Tensorflow.Tensor
type Tensor2D = Tensorflow.Tensor2D

/** Creates the trainer of a network of rows on libtensorflow. */
export function createTensorRowTrainer(tf: Tf, state: RowState): RowTrainer {
  const { config, rows, loss } = state
  const { numFeatures } = config
  const variables = createTensorVariables(tf, state)
  /** Runs forward and backward; `use` gets loss and gradients while the tensors live. */
  const run = <T>(
    { offsets, places, dropoutSeed }: RowBatch,
    use: (loss: number, gradients: readonly Tensor[]) => T,
  ): T => {
    const scope: { result?: T } = {}
    tf.tidy(() => {
      const input = new Float32Array(places.length * numFeatures)
      places.forEach((place, i) => {
        input.set(rows.subarray(place * numFeatures, (place + 1) * numFeatures), i * numFeatures)
      })
      const lengths = Array.from(offsets.subarray(1), (end, b) => end - (offsets[b] as number))
      const lossOf = tf.customGrad((outputs) => {
        const scores = (outputs as Tensor).dataSync() as Float32Array
        const gradients = new Float32Array(scores.length)
        const sum = rowLoss(loss, {
          outputs: scores,
          gradients,
          places,
          lengths,
          share: 1 / lengths.length,
        })
        return {
          value: tf.scalar(sum) as Tensor,
          gradFunc: (dy: Tensor) =>
            tf.mul(tf.tensor(gradients, (outputs as Tensor).shape), dy) as Tensor,
        }
      })
      const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
        const weights = new Map(variables.names.map((name, i) => [name, tensors[i] as Tensor]))
        const ops = createTensorRowOps(tf, { weights, dropoutSeed })
        const x = tf.tensor2d(input, [places.length, numFeatures])
        return lossOf(scoreRows<Tensor2D>(ops, x, config)) as Tensorflow.Scalar
      })(variables.weights())
      scope.result = use(value.dataSync()[0] as number, grads)
    })
    return scope.result as T
  }
  return {
    step: async (batch, options) =>
      run(batch, (value, gradients) => {
        variables.apply(gradients, options)
        return value
      }),
    computeGradients: async (batch) =>
      run(batch, (value, gradients) => ({
        loss: value,
        gradients: new Map(
          variables.names.map((name, i) => [name, gradients[i]?.dataSync() as Float32Array]),
        ),
      })),
    read: async () => variables.read(),
    dispose: () => variables.dispose(),
  }
}

/** Loads a network of rows. */
export function loadTensorRows(tf: Tf, { config, parameters }: RowWeights): LoadedRows {
  const weights = new Map(
    Array.from(parameters, ([name, { values, shape }]) => [
      name,
      tf.tensor(values.slice(), [...shape]),
    ]),
  )
  return {
    score: async (rows) => {
      const outputs = tf.tidy(() => {
        const ops = createTensorRowOps(tf, { weights, dropoutSeed: null })
        const x = tf.tensor2d(rows.slice(), [rows.length / config.numFeatures, config.numFeatures])
        return scoreRows<Tensor2D>(ops, x, config)
      })
      const values = outputs.dataSync() as Float32Array
      outputs.dispose()
      return values
    },
    dispose: () => tf.dispose([...weights.values()]),
  }
}
