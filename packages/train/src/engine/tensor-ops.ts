import type { EncoderConfig, Ops, RowOps } from '@perennial/core'
import type * as Tensorflow from '@tensorflow/tfjs'
import { causalAttention, pointwiseAttention } from './tensor-attention.ts'
import { nativeOps, type Tf } from './tensor-backend.ts'
import type { TensorLayout } from './tensor-layout.ts'

type Tensor = Tensorflow.Tensor
type Tensor2D = Tensorflow.Tensor2D

/** What one run of the network needs beside its input. */
export interface TensorOpsOptions {
  readonly config: EncoderConfig
  readonly layout: TensorLayout
  /** Weights as tensors, by name. */
  readonly weights: ReadonlyMap<string, Tensor>
  /** Fixes the dropout masks; `null` outside training. */
  readonly dropoutSeed: number | null
}

const NORM_EPSILON = 1e-6
const UNIT_EPSILON = 1e-12
const GELU_SCALE = Math.sqrt(2 / Math.PI)
const GELU_CUBE = 0.044715

/**
 * Creates the network's operations on tf.js tensors over packed tokens `[T, D]`.
 *
 * Where tf.js composes a gradient of many small operations, it is written out.
 */
export function createTensorOps(
  tf: Tf,
  { config, layout, weights, dropoutSeed }: TensorOpsOptions,
): Ops<Tensor2D> {
  return {
    ...createTensorRowOps(tf, { weights, dropoutSeed }),
    multiply: (a, b) => tf.mul(a, b),
    scale: (x, factor) => tf.mul(x, factor),
    layerNorm: (x, gain, bias) => layerNorm(tf, x, gain, bias),
    unitRows: (x, length) => unitRows(tf, x, length),
    gelu: (x) => gelu(tf, x),
    silu: (x) => silu(tf, x),
    sigmoid: (x) => tf.sigmoid(x),
    lookup: (table, key) => gatherRows(tf, table, layout.keys[key]),
    causalAttention: (qkv, numHeads) => causalAttention(tf, qkv, { numHeads, layout }),
    pointwiseAttention: (qkv, numHeads, bias) =>
      pointwiseAttention(tf, qkv, { numHeads, layout, maxLength: config.maxLength, bias }),
  }
}

/** Creates the operations that stay within a row. */
export function createTensorRowOps(
  tf: Tf,
  { weights, dropoutSeed }: Pick<TensorOpsOptions, 'weights' | 'dropoutSeed'>,
): RowOps<Tensor2D> {
  let dropoutSite = 0
  return {
    parameter: (name) => weights.get(name) as Tensor2D,
    add: (a, b) => tf.add(a, b),
    matMul: (x, weight) => matMul(tf, x, weight),
    relu: (x) => tf.relu(x),
    dropout: (x, rate) =>
      dropoutSeed === null || rate === 0
        ? x
        : tf.mul(x, dropoutMask(tf, x.shape, { rate, seed: [dropoutSeed, dropoutSite++] })),
  }
}

/** Returns each row scaled to a length. */
export function unitRows(tf: Tf, x: Tensor2D, length: number): Tensor2D {
  const squares = tf.sum(tf.square(x), 1, true)
  return tf.mul(x, tf.mul(tf.rsqrt(tf.add(squares, UNIT_EPSILON)), length))
}

/** Returns 0 or `1 / (1 - rate)` at random: a function of the seed, so that a run repeats itself. */
function dropoutMask(
  tf: Tf,
  shape: readonly number[],
  { rate, seed }: { readonly rate: number; readonly seed: readonly [number, number] },
): Tensor2D {
  const { one, typed } = nativeOps(tf)
  const random = one(
    'StatelessRandomUniform',
    [typed('dtype', 'float32'), typed('T', 'int32'), typed('Tseed', 'int32')],
    [tf.tensor1d([...shape], 'int32'), tf.tensor1d(Int32Array.from(seed), 'int32')],
  )
  const kept = tf.cast(tf.greaterEqual(random, rate), 'float32')
  return tf.mul(kept, 1 / (1 - rate)) as Tensor2D
}

function silu(tf: Tf, x: Tensor2D): Tensor2D {
  return tf.customGrad((input, save) => {
    const v = input as Tensor2D
    const gate = tf.sigmoid(v)
    ;(save as Tensorflow.GradSaveFunc)([v, gate])
    return {
      value: tf.mul(v, gate),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [u, g] = saved as [Tensor, Tensor]
        return tf.mul(dy, tf.mul(g, tf.add(tf.mul(u, tf.sub(1, g)), 1)))
      },
    }
  })(x) as Tensor2D
}

/** Returns `x . weight`, with transposed products (not transposed copies) in the gradient. */
function matMul(tf: Tf, x: Tensor2D, weight: Tensor2D): Tensor2D {
  return tf.customGrad((a, b, save) => {
    ;(save as Tensorflow.GradSaveFunc)([a as Tensor, b as Tensor])
    return {
      value: tf.matMul(a as Tensor2D, b as Tensor2D),
      gradFunc: (dy: Tensor, saved: Tensor[]) => [
        tf.matMul(dy as Tensor2D, saved[1] as Tensor2D, false, true),
        tf.matMul(saved[0] as Tensor2D, dy as Tensor2D, true, false),
      ],
    }
  })(x, weight) as Tensor2D
}

/** Returns rows of a table; the gradient sums into the rows that were taken. */
export function gatherRows(tf: Tf, table: Tensor2D, rows: Tensorflow.Tensor1D): Tensor2D {
  const numRows = table.shape[0]
  return tf.customGrad((t) => ({
    value: tf.gather(t as Tensor2D, rows),
    gradFunc: (dy: Tensor) => tf.unsortedSegmentSum(dy, rows, numRows),
  }))(table) as Tensor2D
}

function layerNorm(tf: Tf, x: Tensor2D, gain: Tensor2D, bias: Tensor2D): Tensor2D {
  return tf.customGrad((input, g, b, save) => {
    const centred = tf.sub(input as Tensor2D, tf.mean(input as Tensor2D, 1, true))
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), NORM_EPSILON))
    const normal = tf.mul(centred, inverse)
    ;(save as Tensorflow.GradSaveFunc)([normal, inverse, g as Tensor])
    return {
      value: tf.add(tf.mul(normal, g as Tensor), b as Tensor),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [n, inv, scale] = saved as [Tensor, Tensor, Tensor]
        const dyn = tf.mul(dy, n)
        const dNormal = tf.mul(dy, scale)
        const meanD = tf.mean(dNormal, 1, true)
        const meanDn = tf.mean(tf.mul(dNormal, n), 1, true)
        const dx = tf.mul(inv, tf.sub(tf.sub(dNormal, meanD), tf.mul(n, meanDn)))
        return [dx, tf.sum(dyn, 0), tf.sum(dy, 0)]
      },
    }
  })(x, gain, bias) as Tensor2D
}

function gelu(tf: Tf, x: Tensor2D): Tensor2D {
  return tf.customGrad((input, save) => {
    const v = input as Tensor2D
    const t = tf.tanh(tf.mul(v, tf.add(tf.mul(tf.square(v), GELU_SCALE * GELU_CUBE), GELU_SCALE)))
    ;(save as Tensorflow.GradSaveFunc)([v, t])
    return {
      value: tf.mul(tf.mul(v, 0.5), tf.add(t, 1)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [u, tanh] = saved as [Tensor, Tensor]
        const inner = tf.add(tf.mul(tf.square(u), 3 * GELU_SCALE * GELU_CUBE), GELU_SCALE)
        const slope = tf.mul(tf.mul(u, inner), tf.sub(1, tf.square(tanh)))
        return tf.mul(dy, tf.mul(tf.add(tf.add(tanh, 1), slope), 0.5))
      },
    }
  })(x) as Tensor2D
}
