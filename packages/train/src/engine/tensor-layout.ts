import {
  type EncoderConfig,
  TOKEN_KEYS,
  type TokenKey,
  timeBucket,
  tokenKeys,
} from '@perennial/core'
import type * as Tensorflow from '@tensorflow/tfjs'
import type { PackedSequences } from './engine.ts'
import { createRaggedLayout } from './ragged-layout.ts'
import type { Tf } from './tensor-backend.ts'

type Tensor1D = Tensorflow.Tensor1D
type Tensor3D = Tensorflow.Tensor3D

/** Length groups a batch is cut into for attention; measured best of 1..16 on ml-1m and Beauty. */
const NUM_GROUPS = 6

/** Sequences of similar length, padded to the longest of them. */
export interface TensorGroup {
  readonly numSequences: number
  readonly length: number
  /** Shape `[numSequences length]`: the token at each place, or the number of tokens where there is none. */
  readonly tokens: Tensor1D
  /** Shape `[1, length, length]`: 0 where a place may look, -1e9 where it may not. */
  readonly mask: Tensor3D
  /** Shape `[1, length, length]`: 1 where a place may look, else 0. */
  readonly visible: Tensor3D
  /** Shape `[length length]`: distance in events, 0 where a place may not look. */
  readonly distances: Tensor1D | null
  /** Shape `[numSequences length length]`: time buckets, 0 where a place may not look. */
  readonly buckets: Tensor1D | null
}

/** A batch as the network's operations need it. Tensors must outlive the gradient, so they are made before it. */
export interface TensorLayout {
  readonly groups: readonly TensorGroup[]
  /** Each token's place in the groups laid end to end. */
  readonly places: Tensor1D
  readonly keys: Readonly<Record<TokenKey, Tensor1D>>
  /** The newest token of each sequence. */
  readonly newest: Tensor1D
}

/** Returns the layout of a batch. The caller disposes its tensors. */
export function createTensorLayout(
  tf: Tf,
  sequences: PackedSequences,
  { block }: EncoderConfig,
): TensorLayout {
  const { groups, places, newest, numTokens } = createRaggedLayout(sequences.offsets, NUM_GROUPS)
  const usesTimes = block === 'hstu'
  return {
    groups: groups.map(({ numSequences, length, tokens }) => ({
      numSequences,
      length,
      tokens: tf.tensor1d(tokens, 'int32'),
      mask: square(tf, length, (i, j) => (j <= i ? 0 : -1e9)),
      visible: square(tf, length, (i, j) => (j <= i ? 1 : 0)),
      distances: usesTimes
        ? tf.tensor1d(
            fillSquare(new Int32Array(length ** 2), length, (i, j) => Math.max(0, i - j)),
            'int32',
          )
        : null,
      buckets: usesTimes
        ? tf.tensor1d(pairBuckets(sequences, { tokens, length, numTokens }), 'int32')
        : null,
    })),
    places: tf.tensor1d(places, 'int32'),
    keys: Object.fromEntries(
      TOKEN_KEYS.map((key) => [key, tf.tensor1d(tokenKeys(sequences, key), 'int32')]),
    ) as Record<TokenKey, Tensor1D>,
    newest: tf.tensor1d(newest, 'int32'),
  }
}

function pairBuckets(
  { eventSeconds, askedSeconds }: PackedSequences,
  { tokens, length, numTokens }: { tokens: Int32Array; length: number; numTokens: number },
): Int32Array {
  const buckets = new Int32Array(tokens.length * length)
  tokens.forEach((token, place) => {
    if (token === numTokens) return
    const first = place - (place % length)
    for (let j = first; j <= place; j++) {
      const span = (askedSeconds[token] as number) - (eventSeconds[tokens[j] as number] as number)
      buckets[place * length + j - first] = timeBucket(span)
    }
  })
  return buckets
}

function square(tf: Tf, length: number, valueAt: (i: number, j: number) => number): Tensor3D {
  return tf.tensor3d(fillSquare(new Float32Array(length ** 2), length, valueAt), [
    1,
    length,
    length,
  ])
}

function fillSquare<T extends Int32Array | Float32Array>(
  values: T,
  length: number,
  valueAt: (i: number, j: number) => number,
): T {
  for (let i = 0; i < length; i++)
    for (let j = 0; j < length; j++) values[i * length + j] = valueAt(i, j)
  return values
}
