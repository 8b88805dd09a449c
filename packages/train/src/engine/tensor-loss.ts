import type * as Tensorflow from '@tensorflow/tfjs'
import type { TrainingBatch } from './engine.ts'
import type { Tf } from './tensor-ops.ts'

type Tensor = Tensorflow.Tensor
type Tensor1D = Tensorflow.Tensor1D
type Tensor2D = Tensorflow.Tensor2D

/** Rows whose logits exist at one time; bounds memory to this many rows of the candidate count. */
const CHUNK_ROWS = 2048

/**
 * Returns the mean cross-entropy of each token's target among its candidates, differentiable by both inputs.
 *
 * With all items: `-log(exp(h.e_target) / sum_j exp(h.e_j))`, the full softmax of
 * {@link https://arxiv.org/abs/2309.07602 | arXiv:2309.07602}. With `K` shared negatives drawn uniformly:
 * the same, the sum over `j` running over the target and the negatives, whose logits are raised by
 * `negativeBias = log(numItems / K)`, the logQ correction that makes the sum an unbiased estimate of
 * the full one (Bengio and Senecal 2008). Logits are made and used chunk by chunk, never all at once.
 *
 * @param hidden - Shape `[T, D]`.
 * @param items - Shape `[U, D]`.
 * @returns A scalar, in nats.
 */
export function crossEntropyLoss(
  tf: Tf,
  hidden: Tensor2D,
  items: Tensor2D,
  batch: TrainingBatch,
): Tensorflow.Scalar {
  const targets = tf.tensor1d(batch.targets, 'int32')
  const negatives = batch.negatives === null ? null : tf.tensor1d(batch.negatives, 'int32')
  return tf.customGrad((h, e, save) => {
    const { loss, dHidden, dItems } = tf.tidy(() =>
      negatives === null
        ? fullSoftmax(tf, h as Tensor2D, e as Tensor2D, targets)
        : sampledSoftmax(tf, h as Tensor2D, e as Tensor2D, {
            targets,
            negatives,
            bias: batch.negativeBias,
          }),
    )
    ;(save as Tensorflow.GradSaveFunc)([dHidden, dItems])
    return {
      value: loss,
      gradFunc: (dy: Tensor, saved: Tensor[]) => saved.map((gradient) => tf.mul(gradient, dy)),
    }
  })(hidden, items) as Tensorflow.Scalar
}

interface LossParts {
  readonly [name: string]: Tensor
  readonly loss: Tensorflow.Scalar
  readonly dHidden: Tensor2D
  readonly dItems: Tensor2D
}

/** By the softmax's shares `p`: `dh_t = sum_j p_tj e_j - e_target`, `de_j = sum_t (p_tj - [j is target]) h_t`. */
function fullSoftmax(tf: Tf, hidden: Tensor2D, items: Tensor2D, targets: Tensor1D): LossParts {
  const sums = accumulate(tf, hidden.shape[0], (start, size) => {
    const h = rows(tf, hidden, start, size)
    const shares = tf.softmax(tf.matMul(h, items, false, true)) // [n, U]
    const places = tf.stack([tf.range(0, size, 1, 'int32'), tf.slice(targets, start, size)], 1)
    return {
      likelihood: tf.gatherND(shares, places),
      dHidden: tf.matMul(shares, items),
      dShared: tf.matMul(shares, h, true, false),
    }
  })
  const dHidden = tf.sub(sums.dHidden, tf.gather(items, targets))
  const dItems = tf.sub(sums.dShared, tf.unsortedSegmentSum(hidden, targets, items.shape[0]))
  return toMeans(tf, { ...sums, dHidden, dItems })
}

interface Sampled {
  readonly targets: Tensor1D
  readonly negatives: Tensor1D
  readonly bias: number
}

function sampledSoftmax(
  tf: Tf,
  hidden: Tensor2D,
  items: Tensor2D,
  { targets, negatives, bias }: Sampled,
): LossParts {
  const positive = tf.gather(items, targets) // [T, D]
  const negative = tf.gather(items, negatives) // [K, D]
  const sums = accumulate(tf, hidden.shape[0], (start, size) => {
    const h = rows(tf, hidden, start, size)
    const own = rows(tf, positive, start, size)
    const isTarget = tf.equal(
      tf.expandDims(tf.slice(targets, start, size), 1),
      tf.expandDims(negatives, 0),
    )
    const raised = tf.sub(bias, tf.mul(tf.cast(isTarget, 'float32'), 1e9)) // [n, K]
    const others = tf.add(tf.matMul(h, negative, false, true), raised)
    const shares = tf.softmax(tf.concat([tf.sum(tf.mul(h, own), 1, true), others], 1)) // [n, 1 + K]
    const likelihood = tf.slice(shares, [0, 0], [size, 1])
    const rest = tf.slice(shares, [0, 1], [size, -1]) as Tensor2D
    const miss = tf.sub(likelihood, 1)
    return {
      likelihood: tf.squeeze(likelihood, [1]),
      dHidden: tf.add(tf.matMul(rest, negative), tf.mul(miss, own)),
      dShared: tf.matMul(rest, h, true, false),
      dOwn: tf.mul(miss, h),
    }
  })
  const numItems = items.shape[0]
  const dItems = tf.add(
    tf.unsortedSegmentSum(sums.dOwn as Tensor2D, targets, numItems),
    tf.unsortedSegmentSum(sums.dShared, negatives, numItems),
  )
  return toMeans(tf, { ...sums, dItems })
}

interface ChunkParts {
  /** Probability of each token's target, shape `[n]`. */
  readonly likelihood: Tensor
  /** Shape `[n, D]`. */
  readonly dHidden: Tensor
  /** Shape `[n, D]`, where kept apart from `dShared`. */
  readonly dOwn?: Tensor
  /** Gradient of the candidates that all tokens share, summed over tokens. */
  readonly dShared: Tensor
}

/** Runs a chunk at a time; joins what is per token and adds up what is shared. */
function accumulate(
  tf: Tf,
  numTokens: number,
  compute: (start: number, size: number) => ChunkParts,
): ChunkParts {
  const chunks: ChunkParts[] = []
  let dShared: Tensor | undefined
  for (let start = 0; start < numTokens; start += CHUNK_ROWS) {
    const chunk = tf.tidy(
      () => compute(start, Math.min(CHUNK_ROWS, numTokens - start)) as never,
    ) as ChunkParts
    const sum: Tensor = dShared === undefined ? chunk.dShared : tf.add(dShared, chunk.dShared)
    if (dShared !== undefined) tf.dispose([dShared, chunk.dShared])
    dShared = sum
    chunks.push(chunk)
  }
  const join = (part: (chunk: ChunkParts) => Tensor): Tensor => tf.concat(chunks.map(part), 0)
  return {
    likelihood: join(({ likelihood }) => likelihood),
    dHidden: join(({ dHidden }) => dHidden),
    dShared: dShared as Tensor,
    ...(chunks[0]?.dOwn === undefined ? {} : { dOwn: join(({ dOwn }) => dOwn as Tensor) }),
  }
}

/** Turns sums over tokens into means. A likelihood below 1e-30 counts as 1e-30, so the loss stays finite. */
function toMeans(tf: Tf, sums: { likelihood: Tensor; dHidden: Tensor; dItems: Tensor }): LossParts {
  const share = 1 / (sums.likelihood.shape[0] as number)
  return {
    loss: tf.neg(tf.mean(tf.log(tf.maximum(sums.likelihood, 1e-30)))) as Tensorflow.Scalar,
    dHidden: tf.mul(sums.dHidden, share) as Tensor2D,
    dItems: tf.mul(sums.dItems, share) as Tensor2D,
  }
}

function rows(tf: Tf, x: Tensor, start: number, size: number): Tensor2D {
  return tf.slice(x, [start, 0], [size, -1]) as Tensor2D
}
