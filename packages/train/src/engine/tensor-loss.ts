import type * as Tensorflow from '@tensorflow/tfjs'
import type { Negatives, PriorLogits, TrainingBatch } from './engine.ts'
import { nativeOps, type Tf } from './tensor-backend.ts'

type Tensor = Tensorflow.Tensor
type Tensor1D = Tensorflow.Tensor1D
type Tensor2D = Tensorflow.Tensor2D

/** Logits that exist at one time; bounds memory to about this many values. */
const CHUNK_LOGITS = 8_000_000
const NEVER = 1e9

/**
 * Returns the mean loss of a batch, differentiable by both inputs. Logits are made and used chunk by chunk.
 *
 * @param hidden - Of the token of each question: shape `[Q, D]`.
 * @param items - The outputs: shape `[numOutputs, D]`.
 * @returns A scalar, in nats; see `Negatives` and docs/guides/train.md for the formulas.
 */
export function batchLoss(
  tf: Tf,
  hidden: Tensor2D,
  { items, batch }: { readonly items: Tensor2D; readonly batch: TrainingBatch },
): Tensorflow.Scalar {
  return tf.customGrad((h, e, save) => {
    const { loss, dHidden, dItems } = tf.tidy(() =>
      batch.negatives === null
        ? fullSoftmax(tf, h as Tensor2D, { items: e as Tensor2D, batch })
        : sampledLoss(tf, h as Tensor2D, {
            items: e as Tensor2D,
            batch,
            negatives: batch.negatives,
          }),
    )
    ;(save as Tensorflow.GradSaveFunc)([dHidden, dItems])
    return {
      value: loss as Tensorflow.Scalar,
      gradFunc: (dy: Tensor, saved: Tensor[]) => saved.map((gradient) => tf.mul(gradient, dy)),
    }
  })(hidden, items) as Tensorflow.Scalar
}

interface LossParts {
  readonly [name: string]: Tensor
  readonly loss: Tensor
  readonly dHidden: Tensor
  readonly dItems: Tensor
}

/** The native operation gives the loss and its gradient by the logits in one pass. */
function fullSoftmax(
  tf: Tf,
  hidden: Tensor2D,
  { items, batch }: { items: Tensor2D; batch: TrainingBatch },
): LossParts {
  const { many, typed } = nativeOps(tf)
  const { targets, prior } = batch
  const numQuestions = targets.length
  const numOutputs = items.shape[0]
  return overChunks(tf, { numQuestions, width: numOutputs }, (start, size) => {
    const h = tf.slice(hidden, [start, 0], [size, -1])
    const labels = tf.tensor1d(targets.subarray(start, start + size), 'int32')
    const products = tf.matMul(h, items, false, true)
    const logits =
      prior === null ? products : tf.add(products, priorOf(tf, prior, { start, size, numOutputs }))
    const [losses, dLogits] = many(
      'SparseSoftmaxCrossEntropyWithLogits',
      [typed('T', 'float32'), typed('Tlabels', 'int32')],
      { inputs: [logits, labels], count: 2 },
    ) as [Tensor, Tensor2D]
    return {
      loss: tf.sum(losses),
      dHidden: tf.matMul(dLogits, items),
      dItems: tf.matMul(dLogits, h, true, false),
    }
  })
}

/** Target and negatives of each question; a negative that is the target does not count. */
function sampledLoss(
  tf: Tf,
  hidden: Tensor2D,
  { items, batch, negatives }: { items: Tensor2D; batch: TrainingBatch; negatives: Negatives },
): LossParts {
  const { count, sharedBy } = negatives
  const numItems = items.shape[0]
  const numQuestions = batch.targets.length
  const shared = sharedBy === 'batch'
  const listOf = shared ? null : listNumbers(batch, sharedBy)
  // Lists of their own are gathered as vectors, several of them at a time.
  const width = shared ? count : 4 * count * items.shape[1]
  return overChunks(tf, { numQuestions, width }, (start, size) => {
    const h = tf.slice(hidden, [start, 0], [size, -1])
    const targets = tf.tensor1d(batch.targets.subarray(start, start + size), 'int32')
    const own = tf.gather(items, targets) // [n, D]
    const product = tf.sum(tf.mul(h, own), 1, true) // [n, 1]
    const lists = listOf === null ? null : listOf.subarray(start, start + size)
    const ids = takeLists(tf, negatives.items, { count, lists }) // [1, K] or [n, K]
    const flatIds = tf.reshape(ids, [-1]) as Tensor1D
    const vectors = tf.gather(items, flatIds) // [K, D] or [n K, D]
    const dim = items.shape[1]
    const products = shared
      ? tf.matMul(h, vectors, false, true)
      : tf.squeeze(
          tf.matMul(tf.reshape(vectors, [size, count, dim]), tf.reshape(h, [size, dim, 1])),
          [2],
        )
    const bias = takeLists(tf, negatives.bias, { count, lists })
    const prior =
      batch.prior === null ? null : priorOf(tf, batch.prior, { start, size, numOutputs: numItems }) // [n, numOutputs]
    const pick = (at: Tensor2D): Tensor =>
      prior === null
        ? tf.scalar(0)
        : tf.gather(prior, tf.broadcastTo(at, [size, at.shape[1]]), 1, 1)
    const positive = tf.add(product, pick(tf.expandDims(targets, 1) as Tensor2D))
    const biased = tf.add(tf.add(products, bias), pick(ids))
    const isTarget = tf.cast(tf.equal(tf.expandDims(targets, 1), ids), 'float32')
    const others = tf.sub(biased, tf.mul(isTarget, NEVER)) as Tensor2D // [n, K]
    const { loss, dPositive, dOthers } = gradients(tf, { positive, others, negatives })
    const dVectors = shared
      ? tf.matMul(dOthers, h, true, false)
      : tf.reshape(tf.mul(tf.expandDims(dOthers, 2), tf.expandDims(h, 1)), [-1, dim])
    const fromOthers = shared
      ? tf.matMul(dOthers, vectors)
      : tf.squeeze(
          tf.matMul(tf.expandDims(dOthers, 1), tf.reshape(vectors, [size, count, dim])),
          [1],
        )
    return {
      loss,
      dHidden: tf.add(fromOthers, tf.mul(dPositive, own)),
      dItems: tf.add(
        tf.unsortedSegmentSum(tf.mul(dPositive, h), targets, numItems),
        tf.unsortedSegmentSum(dVectors, flatIds, numItems),
      ),
    }
  })
}

/** Returns the summed loss of a chunk and its gradients by the logits. */
function gradients(
  tf: Tf,
  { positive, others, negatives }: { positive: Tensor; others: Tensor2D; negatives: Negatives },
): { loss: Tensor; dPositive: Tensor; dOthers: Tensor2D } {
  const { loss, beta, count } = negatives
  if (loss === 'binary') {
    const weight = 1 / (count + 1)
    const sum = tf.add(
      tf.mul(tf.sum(tf.softplus(tf.neg(positive))), beta),
      tf.sum(tf.softplus(others)),
    )
    return {
      loss: tf.mul(sum, weight),
      dPositive: tf.mul(tf.sub(tf.sigmoid(positive), 1), beta * weight),
      dOthers: tf.mul(tf.sigmoid(others), weight) as Tensor2D,
    }
  }
  const logits = tf.concat([positive, others], 1) as Tensor2D
  const { many, typed } = nativeOps(tf)
  const labels = tf.zeros([logits.shape[0]], 'int32')
  const [losses, dLogits] = many(
    'SparseSoftmaxCrossEntropyWithLogits',
    [typed('T', 'float32'), typed('Tlabels', 'int32')],
    { inputs: [logits, labels], count: 2 },
  ) as [Tensor, Tensor2D]
  return {
    loss: tf.sum(losses),
    dPositive: tf.slice(dLogits, [0, 0], [-1, 1]),
    dOthers: tf.slice(dLogits, [0, 1], [-1, -1]),
  }
}

/** Returns what is added to the logits of all outputs, for some of the questions. */
function priorOf(
  tf: Tf,
  { values, rows }: PriorLogits,
  { start, size, numOutputs }: { start: number; size: number; numOutputs: number },
): Tensor2D {
  const table = tf.tensor2d(values, [values.length / numOutputs, numOutputs])
  return tf.gather(table, tf.tensor1d(rows.subarray(start, start + size), 'int32'))
}

/** Returns the number of each question's list. */
function listNumbers(
  { offsets, questions }: TrainingBatch,
  sharedBy: Negatives['sharedBy'],
): Int32Array {
  if (sharedBy === 'token') return questions.map((_, i) => i)
  let b = 0
  return questions.map((token) => {
    while (token >= (offsets[b + 1] as number)) b++
    return b
  })
}

/** Returns lists of `count` values one below the other: `[1, K]` where all tokens share one, else `[n, K]`. */
function takeLists(
  tf: Tf,
  values: Int32Array | Float32Array,
  { count, lists }: { count: number; lists: Int32Array | null },
): Tensor2D {
  const type = values instanceof Int32Array ? 'int32' : 'float32'
  const table = tf.tensor2d(values, [values.length / count, count], type)
  return lists === null ? table : tf.gather(table, tf.tensor1d(lists, 'int32'))
}

/** Runs a chunk of questions at a time; turns sums over questions into means. */
function overChunks(
  tf: Tf,
  { numQuestions, width }: { numQuestions: number; width: number },
  compute: (start: number, size: number) => LossParts,
): LossParts {
  const step = Math.max(64, Math.floor(CHUNK_LOGITS / width))
  const hidden: Tensor[] = []
  let sums: { loss: Tensor; dItems: Tensor } | undefined
  for (let start = 0; start < numQuestions; start += step) {
    const { loss, dHidden, dItems } = tf.tidy(() =>
      compute(start, Math.min(step, numQuestions - start)),
    )
    hidden.push(dHidden)
    const before = sums
    sums =
      before === undefined
        ? { loss, dItems }
        : { loss: tf.add(before.loss, loss), dItems: tf.add(before.dItems, dItems) }
    // The outer tidy would keep a table's gradient of every chunk to its end.
    if (before !== undefined) tf.dispose([before.loss, before.dItems, loss, dItems])
  }
  const { loss, dItems } = sums as { loss: Tensor; dItems: Tensor }
  const dHidden = hidden.length === 1 ? (hidden[0] as Tensor) : tf.concat(hidden, 0)
  const share = 1 / numQuestions
  return {
    loss: tf.mul(loss, share),
    dHidden: tf.mul(dHidden, share),
    dItems: tf.mul(dItems, share),
  }
}
