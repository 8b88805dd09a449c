import type * as Tensorflow from '@tensorflow/tfjs'
import type { Tf } from './tensor-backend.ts'
import type { TensorGroup, TensorLayout } from './tensor-layout.ts'

type Tensor = Tensorflow.Tensor
type Tensor2D = Tensorflow.Tensor2D
type Tensor3D = Tensorflow.Tensor3D

/**
 * Pads each group, attends, and takes the tokens back out.
 *
 * Padding stands after the real events of a sequence, so the causal mask alone keeps it out. The gradient is written
 * out: fewer and larger native operations than composing it.
 */
export function causalAttention(
  tf: Tf,
  qkv: Tensor2D,
  { numHeads, layout }: { readonly numHeads: number; readonly layout: TensorLayout },
): Tensor2D {
  const scale = 1 / Math.sqrt(qkv.shape[1] / 3 / numHeads)
  return tf.customGrad((input, save) => {
    const saved: Tensor[] = []
    const outputs = pad(tf, input as Tensor2D, layout).map((padded, g) => {
      const [q, k, v] = splitParts(tf, padded, numHeads)
      const scores = tf.add(
        tf.mul(tf.matMul(q, k, false, true), scale),
        layout.groups[g]?.mask as Tensor3D,
      )
      const shares = tf.softmax(scores as Tensor3D)
      const attended = tf.matMul(shares, v) as Tensor3D
      saved.push(q, k, v, shares, attended)
      return mergeHeads(tf, attended, numHeads)
    })
    ;(save as Tensorflow.GradSaveFunc)(saved)
    return {
      value: unpad(tf, outputs, layout),
      gradFunc: (dy: Tensor, kept: Tensor[]) => {
        const gradients = pad(tf, dy as Tensor2D, layout).map((padded, g) => {
          const [q, k, v, shares, attended] = kept.slice(5 * g, 5 * g + 5) as Tensor3D[] as [
            Tensor3D,
            Tensor3D,
            Tensor3D,
            Tensor3D,
            Tensor3D,
          ]
          const dOut = splitHeads(tf, padded, numHeads)
          const rowSum = tf.sum(tf.mul(dOut, attended), 2, true)
          const dScores = tf.mul(
            tf.mul(shares, tf.sub(tf.matMul(dOut, v, false, true), rowSum)),
            scale,
          ) as Tensor3D
          return joinParts(tf, { dScores, weights: shares, q, k, dOut, numHeads })
        })
        return unpad(tf, gradients, layout)
      },
    }
  })(qkv) as Tensor2D
}

/** Tables of {@link pointwiseAttention}, shapes `[maxLength, 1]` and `[NUM_TIME_BUCKETS, 1]`. */
export interface AttentionBias {
  readonly position: Tensor2D
  readonly time: Tensor2D
}

/** Returns attention whose weights are `silu(q k^T + bias) / maxLength`, with gradients for both tables. */
export function pointwiseAttention(
  tf: Tf,
  qkv: Tensor2D,
  {
    numHeads,
    layout,
    maxLength,
    bias,
  }: {
    readonly numHeads: number
    readonly layout: TensorLayout
    readonly maxLength: number
    readonly bias: AttentionBias
  },
): Tensor2D {
  return tf.customGrad((input, positionTable, timeTable, save) => {
    const position = positionTable as Tensor2D
    const time = timeTable as Tensor2D
    const saved: Tensor[] = []
    const outputs = pad(tf, input as Tensor2D, layout).map((padded, g) => {
      const group = layout.groups[g] as TensorGroup
      const [q, k, v] = splitParts(tf, padded, numHeads)
      const raised = tf.add(
        tf.matMul(q, k, false, true),
        repeatHeads(tf, biasOf(tf, group, { position, time }), numHeads),
      )
      const gate = tf.sigmoid(raised)
      const open = tf.mul(group.visible, 1 / maxLength)
      const weights = tf.mul(tf.mul(raised, gate), open) as Tensor3D
      // silu'(s) = g (1 + s (1 - g))
      const slope = tf.mul(tf.mul(gate, tf.add(tf.mul(raised, tf.sub(1, gate)), 1)), open)
      saved.push(q, k, v, weights, slope)
      return mergeHeads(tf, tf.matMul(weights, v) as Tensor3D, numHeads)
    })
    ;(save as Tensorflow.GradSaveFunc)(saved)
    return {
      value: unpad(tf, outputs, layout),
      gradFunc: (dy: Tensor, kept: Tensor[]) => {
        let dPosition: Tensor = tf.zerosLike(position)
        let dTime: Tensor = tf.zerosLike(time)
        const gradients = pad(tf, dy as Tensor2D, layout).map((padded, g) => {
          const { numSequences, length, distances, buckets } = layout.groups[g] as TensorGroup
          const [q, k, v, weights, slope] = kept.slice(5 * g, 5 * g + 5) as Tensor3D[] as [
            Tensor3D,
            Tensor3D,
            Tensor3D,
            Tensor3D,
            Tensor3D,
          ]
          const dOut = splitHeads(tf, padded, numHeads)
          const dScores = tf.mul(tf.matMul(dOut, v, false, true), slope) as Tensor3D
          const pairs = tf.sum(tf.reshape(dScores, [numSequences, numHeads, length ** 2]), 1)
          const bySpan = tf.reshape(tf.sum(pairs, 0), [-1, 1])
          dPosition = tf.add(
            dPosition,
            tf.unsortedSegmentSum(bySpan, distances as Tensorflow.Tensor1D, position.shape[0]),
          )
          const byTime = tf.reshape(pairs, [-1, 1])
          dTime = tf.add(
            dTime,
            tf.unsortedSegmentSum(byTime, buckets as Tensorflow.Tensor1D, time.shape[0]),
          )
          return joinParts(tf, { dScores, weights, q, k, dOut, numHeads })
        })
        return [unpad(tf, gradients, layout), dPosition, dTime]
      },
    }
  })(qkv, bias.position, bias.time) as Tensor2D
}

/** Returns the bias of each pair: shape `[numSequences, length, length]`. */
function biasOf(
  tf: Tf,
  { numSequences, length, distances, buckets }: TensorGroup,
  { position, time }: AttentionBias,
): Tensor3D {
  const near = tf.reshape(tf.gather(position, distances as Tensorflow.Tensor1D), [
    1,
    length,
    length,
  ])
  const span = tf.reshape(tf.gather(time, buckets as Tensorflow.Tensor1D), [
    numSequences,
    length,
    length,
  ])
  return tf.add(span, near) as Tensor3D
}

/** `[G, L, L]` to `[G H, L, L]`, heads of a sequence next to each other. */
function repeatHeads(tf: Tf, x: Tensor3D, numHeads: number): Tensor3D {
  if (numHeads === 1) return x
  const [g, l] = x.shape
  return tf.reshape(tf.tile(tf.reshape(x, [g, 1, l, l]), [1, numHeads, 1, 1]), [g * numHeads, l, l])
}

function splitParts(tf: Tf, padded: Tensor3D, numHeads: number): [Tensor3D, Tensor3D, Tensor3D] {
  const parts = tf.split(padded, 3, 2) as Tensor3D[]
  return parts.map((part) => splitHeads(tf, part, numHeads)) as [Tensor3D, Tensor3D, Tensor3D]
}

/** Returns the gradient of queries, keys and values side by side. */
function joinParts(
  tf: Tf,
  {
    dScores,
    weights,
    q,
    k,
    dOut,
    numHeads,
  }: {
    dScores: Tensor3D
    weights: Tensor3D
    q: Tensor3D
    k: Tensor3D
    dOut: Tensor3D
    numHeads: number
  },
): Tensor3D {
  const dQ = tf.matMul(dScores, k) as Tensor3D
  const dK = tf.matMul(dScores, q, true, false) as Tensor3D
  const dV = tf.matMul(weights, dOut, true, false) as Tensor3D
  return tf.concat(
    [dQ, dK, dV].map((part) => mergeHeads(tf, part, numHeads)),
    2,
  )
}

function pad(tf: Tf, x: Tensor2D, { groups }: TensorLayout): Tensor3D[] {
  const extended = tf.concat([x, tf.zeros([1, x.shape[1]]) as Tensor2D], 0)
  return groups.map(({ numSequences, length, tokens }) =>
    tf.reshape(tf.gather(extended, tokens), [numSequences, length, x.shape[1]]),
  )
}

function unpad(tf: Tf, groups: readonly Tensor3D[], { places }: TensorLayout): Tensor2D {
  const flat = groups.map((x) => tf.reshape(x, [-1, x.shape[2]]) as Tensor2D)
  return tf.gather(flat.length === 1 ? (flat[0] as Tensor2D) : tf.concat(flat, 0), places)
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
