import type { Ops } from '@perennial/core'
import type * as Tensorflow from '@tensorflow/tfjs'
import { dropoutMask } from './dropout-mask.ts'
import type { RaggedLayout } from './ragged-layout.ts'

type Tensor = Tensorflow.Tensor
type Tensor2D = Tensorflow.Tensor2D
type Tensor3D = Tensorflow.Tensor3D
/** The module object of tf.js, whichever backend it runs. */
export type Tf = typeof Tensorflow

/** A {@link RaggedLayout} as tensors. They must outlive the gradient, so they are made before it is taken. */
export interface LayoutTensors {
  readonly groups: readonly {
    readonly numSequences: number
    readonly length: number
    readonly tokens: Tensorflow.Tensor1D
    /** Shape `[1, length, length]`: 0 where a place may look, -1e9 where it may not. */
    readonly mask: Tensor3D
  }[]
  readonly places: Tensorflow.Tensor1D
  readonly ages: Tensorflow.Tensor1D
}

/** What one run of the network needs beside its input. */
export interface TensorOpsOptions {
  readonly layout: LayoutTensors
  /** Weights as tensors, by name. */
  readonly weights: ReadonlyMap<string, Tensor>
  /** Fixes the dropout masks; `null` outside training. */
  readonly dropoutSeed: number | null
}

const NORM_EPSILON = 1e-6
const GELU_SCALE = Math.sqrt(2 / Math.PI)
const GELU_CUBE = 0.044715

/**
 * Creates the network's operations on tf.js tensors over packed tokens `[T, D]`.
 *
 * Layer norm and attention have their gradients written out: fewer and larger native operations than
 * composing them, and nothing that a backend lacks.
 */
export function createTensorOps(
  tf: Tf,
  { layout, weights, dropoutSeed }: TensorOpsOptions,
): Ops<Tensor2D> {
  let dropoutSite = 0
  return {
    parameter: (name) => weights.get(name) as Tensor2D,
    add: (a, b) => tf.add(a, b),
    scale: (x, factor) => tf.mul(x, factor),
    matMul: (x, weight) => matMul(tf, x, weight),
    layerNorm: (x, gain, bias) => layerNorm(tf, x, gain, bias),
    relu: (x) => tf.relu(x),
    gelu: (x) => gelu(tf, x),
    dropout: (x, rate) => {
      if (dropoutSeed === null || rate === 0) return x
      const mask = dropoutMask(x.size, { rate, seed: dropoutSeed, site: dropoutSite++ })
      return tf.mul(x, tf.tensor2d(mask, x.shape))
    },
    positions: (table) => gatherRows(tf, table, layout.ages),
    causalAttention: (qkv, numHeads) => causalAttention(tf, qkv, numHeads, layout),
  }
}

/** Returns the tensors of a layout. The caller disposes them. */
export function createLayoutTensors(tf: Tf, { groups, places, ages }: RaggedLayout): LayoutTensors {
  return {
    groups: groups.map(({ numSequences, length, tokens }) => ({
      numSequences,
      length,
      tokens: tf.tensor1d(tokens, 'int32'),
      mask: causalMask(tf, length),
    })),
    places: tf.tensor1d(places, 'int32'),
    ages: tf.tensor1d(ages, 'int32'),
  }
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

/**
 * Pads each group, attends, and takes the tokens back out.
 *
 * Padding stands after the real events of a sequence, so the causal mask alone keeps it out.
 */
function causalAttention(tf: Tf, qkv: Tensor2D, numHeads: number, layout: LayoutTensors): Tensor2D {
  const width = qkv.shape[1]
  const dim = width / 3
  const pad = (x: Tensor2D): Tensor3D[] => {
    const extended = tf.concat([x, tf.zeros([1, x.shape[1]]) as Tensor2D], 0)
    return layout.groups.map(({ numSequences, length, tokens }) =>
      tf.reshape(tf.gather(extended, tokens), [numSequences, length, x.shape[1]]),
    )
  }
  const unpad = (groups: Tensor3D[]): Tensor2D => {
    const flat = groups.map((x) => tf.reshape(x, [-1, x.shape[2] as number]) as Tensor2D)
    return tf.gather(flat.length === 1 ? (flat[0] as Tensor2D) : tf.concat(flat, 0), layout.places)
  }
  const heads = (x: Tensor3D): Tensor3D => splitHeads(tf, x, numHeads)
  const merge = (x: Tensor3D): Tensor3D => mergeHeads(tf, x, numHeads)
  const scale = 1 / Math.sqrt(dim / numHeads)

  return tf.customGrad((input, save) => {
    const saved: Tensor[] = []
    const outputs = pad(input as Tensor2D).map((padded, g) => {
      const parts = tf.split(padded, 3, 2) as Tensor3D[]
      const [q, k, v] = parts.map(heads) as [Tensor3D, Tensor3D, Tensor3D]
      const scores = tf.add(
        tf.mul(tf.matMul(q, k, false, true), scale),
        layout.groups[g]?.mask as Tensor3D,
      )
      const shares = tf.softmax(scores as Tensor3D)
      const attended = tf.matMul(shares, v) as Tensor3D
      saved.push(q, k, v, shares, attended)
      return merge(attended)
    })
    ;(save as Tensorflow.GradSaveFunc)(saved)
    return {
      value: unpad(outputs),
      gradFunc: (dy: Tensor, kept: Tensor[]) => {
        const gradients = pad(dy as Tensor2D).map((padded, g) => {
          const [q, k, v, shares, attended] = kept.slice(5 * g, 5 * g + 5) as [
            Tensor3D,
            Tensor3D,
            Tensor3D,
            Tensor3D,
            Tensor3D,
          ]
          const dOut = heads(padded)
          const dV = tf.matMul(shares, dOut, true, false) as Tensor3D
          const rowSum = tf.sum(tf.mul(dOut, attended), 2, true)
          const dScores = tf.mul(
            tf.mul(shares, tf.sub(tf.matMul(dOut, v, false, true), rowSum)),
            scale,
          ) as Tensor3D
          const dQ = tf.matMul(dScores, k) as Tensor3D
          const dK = tf.matMul(dScores, q, true, false) as Tensor3D
          return tf.concat([merge(dQ), merge(dK), merge(dV)], 2)
        })
        return unpad(gradients)
      },
    }
  })(qkv) as Tensor2D
}

/** `[G, L, D]` to `[G H, L, D/H]`. */
function splitHeads(tf: Tf, x: Tensor3D, numHeads: number): Tensor3D {
  if (numHeads === 1) return x
  const [g, l, d] = x.shape
  const parted = tf.transpose(tf.reshape(x, [g, l, numHeads, d / numHeads]), [0, 2, 1, 3])
  return tf.reshape(parted, [g * numHeads, l, d / numHeads])
}

/** `[G H, L, D/H]` to `[G, L, D]`. */
function mergeHeads(tf: Tf, x: Tensor3D, numHeads: number): Tensor3D {
  if (numHeads === 1) return x
  const [gh, l, dh] = x.shape
  const joined = tf.transpose(tf.reshape(x, [gh / numHeads, numHeads, l, dh]), [0, 2, 1, 3])
  return tf.reshape(joined, [gh / numHeads, l, numHeads * dh])
}

function causalMask(tf: Tf, length: number): Tensor3D {
  const mask = new Float32Array(length * length)
  for (let i = 0; i < length; i++) mask.fill(-1e9, i * length + i + 1, (i + 1) * length)
  return tf.tensor3d(mask, [1, length, length])
}
