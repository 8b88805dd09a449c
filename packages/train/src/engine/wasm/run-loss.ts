import type { StepJob } from './jobs.ts'
import type { MicroBatch } from './micro-batch.ts'
import type { Heap } from './micro-batches.ts'

/** Rows of logits that exist at one time: few enough to stay in the cache, enough to keep the products long. */
const CHUNK = 48

/** Returns the scratch bytes that the loss wants. */
export function lossBytes(
  { numOutputs, negatives }: { readonly numOutputs: number } & Pick<StepJob, 'negatives'>,
  dim: number,
): number {
  const logits = CHUNK * rowBytes(negatives === null ? numOutputs : negatives.count)
  const own = negatives?.sharedBy === 'sequence' ? 3 * (4 * (dim + 8) * (negatives.count + 16)) : 0
  return 2 * askedBytes(dim) + logits + own + 4 * CHUNK + 256
}

function rowBytes(count: number): number {
  // Not a multiple of a page: columns of the logits are read across rows.
  return 4 * (((count + 15) & ~15) + 16)
}

/** Bytes of the hidden states of a chunk. */
function askedBytes(dim: number): number {
  return 4 * dim * CHUNK + 64
}

/**
 * Computes the loss of a micro-batch from the network's output and writes the output's gradient.
 *
 * @returns Sum over questions, in nats. Gradients are those of the mean over the whole batch.
 */
export function runLoss(batch: MicroBatch, job: StepJob, { thread, heap }: LossPlace): number {
  const { arena, placement, numTokens, firstToken, firstSequence, lengths, kernels } = batch
  const { plan } = placement
  const { dim } = plan
  const size = 4 * dim
  const startOf = (b: number): number => heap.ints[(job.questionStarts >> 2) + b] as number
  const context: Context = {
    batch,
    job,
    dim,
    // Questions name tokens of the batch. What comes before the micro-batch may wrap below 0, as kernels' sums do back.
    output: arena + plan.output - firstToken * size,
    outputGradient: arena + plan.outputGradient - firstToken * size,
    hidden: batch.scratch,
    gradient: batch.scratch + askedBytes(dim),
    logits: batch.scratch + 2 * askedBytes(dim),
    outputs: job.items + job.firstOutput * size,
    numOutputs: job.numItems - job.firstOutput,
    itemGradients: job.itemGradients + thread * job.itemGradientStride + job.firstOutput * size,
    share: 1 / job.numQuestions,
    thread,
  }
  const written = arena + plan.outputGradient
  kernels.scale(numTokens * dim, written, 0, written, 0)
  if (job.negatives?.sharedBy === 'sequence') {
    return lengths.reduce((loss, _, s) => {
      const sequence = firstSequence + s
      const range = { first: startOf(sequence), end: startOf(sequence + 1) }
      return loss + runSequence(context, range, sequence)
    }, 0)
  }
  const run = job.negatives === null ? runFull : runSampled
  const first = startOf(firstSequence)
  return overChunks(context, { first, end: startOf(firstSequence + lengths.length) }, run)
}

/** Where a thread computes a loss. */
export interface LossPlace {
  readonly thread: number
  readonly heap: Heap
}

interface Context {
  readonly batch: MicroBatch
  readonly job: StepJob
  readonly dim: number
  /** Hidden states by token of the whole batch, and their gradients. */
  readonly output: number
  readonly outputGradient: number
  /** Hidden states of a chunk, their gradients, and its logits. */
  readonly hidden: number
  readonly gradient: number
  readonly logits: number
  /** Vectors that can be answers, and the thread's gradients of them. */
  readonly outputs: number
  readonly numOutputs: number
  readonly itemGradients: number
  readonly share: number
  readonly thread: number
}

/** Questions of the batch. */
interface Chunk {
  readonly first: number
  readonly length: number
}

/** Runs a chunk of questions at a time: hidden states are gathered, and their gradients handed back to their tokens. */
function overChunks(
  context: Context,
  { first, end }: { readonly first: number; readonly end: number },
  run: (context: Context, chunk: Chunk) => number,
): number {
  const { batch, job, dim, output, outputGradient, hidden, gradient } = context
  const { kernels } = batch
  let loss = 0
  for (let at = first; at < end; at += CHUNK) {
    const length = Math.min(CHUNK, end - at)
    const tokens = job.questions + 4 * at
    kernels.lookup(length, dim, output, tokens, hidden)
    loss += run(context, { first: at, length })
    kernels.addToRows(length, dim, gradient, tokens, outputGradient)
  }
  return loss
}

/** With `p` the softmax over all outputs: `dh = sum_j p_j e_j - e_target`, `de_j = (p_j - [j is target]) h`. */
function runFull(context: Context, { first, length }: Chunk): number {
  const { batch, job, dim, hidden, gradient, logits, outputs, numOutputs, itemGradients } = context
  const { kernels } = batch
  const size = 4 * dim
  const row = rowBytes(numOutputs)
  const transposed = job.itemsTransposed + 4 * job.firstOutput
  const wide = 4 * job.itemsWide
  kernels.matMul(length, numOutputs, dim, hidden, size, 4, transposed, wide, logits, row, 0, 0)
  if (job.prior !== null) {
    const { values, rows } = job.prior
    kernels.addRows(length, numOutputs, logits, row, values, rows + 4 * first)
  }
  const targets = job.targets + 4 * first
  const loss = kernels.softmaxLoss(length, numOutputs, logits, row, targets, context.share)
  kernels.matMul(length, dim, numOutputs, logits, row, 4, outputs, size, gradient, size, 0, 0)
  kernels.matMul(numOutputs, dim, length, logits, 4, row, hidden, size, itemGradients, size, 0, 1)
  return loss
}

/** Negatives shared by the batch, or each question's own. */
function runSampled(context: Context, chunk: Chunk): number {
  const { batch, job, dim, hidden, gradient, logits, outputs, itemGradients, thread } = context
  const { kernels } = batch
  const negatives = job.negatives as NonNullable<StepJob['negatives']>
  const { count, sharedBy } = negatives
  const size = 4 * dim
  const row = rowBytes(count)
  const { first, length } = chunk
  if (sharedBy === 'batch') {
    const { vectors, transposed, wide, gradients, gradientStride } = negatives
    kernels.matMul(length, count, dim, hidden, size, 4, transposed, 4 * wide, logits, row, 0, 0)
    const { loss, positives } = score(context, chunk, { negatives: 0, step: 0 })
    kernels.matMul(length, dim, count, logits, row, 4, vectors, size, gradient, size, 0, 0)
    const own = gradients + thread * gradientStride
    kernels.matMul(count, dim, length, logits, 4, row, hidden, size, own, size, 0, 1)
    addPositives(context, chunk, positives)
    return loss
  }
  const ids = negatives.items + 4 * count * first
  kernels.innerProducts(length, count, dim, hidden, outputs, ids, logits, row)
  const { loss, positives } = score(context, chunk, { negatives: count * first, step: 4 * count })
  kernels.scale(length * dim, hidden, 0, gradient, 0)
  kernels.addInnerGradients(
    length,
    count,
    dim,
    hidden,
    outputs,
    ids,
    logits,
    row,
    gradient,
    itemGradients,
  )
  addPositives(context, chunk, positives)
  return loss
}

/** Negatives of one sequence: gathered, used for all its questions, and their gradients handed back. */
function runSequence(
  context: Context,
  range: { readonly first: number; readonly end: number },
  sequence: number,
): number {
  const { batch, job, dim, hidden, gradient, logits, outputs, itemGradients } = context
  const { kernels } = batch
  const { count, items } = job.negatives as NonNullable<StepJob['negatives']>
  const size = 4 * dim
  const row = rowBytes(count)
  const list = count * sequence
  const ids = items + 4 * list
  const wide = 4 * ((count + 7) & ~7)
  const part = 4 * (dim + 8) * (count + 16)
  const vectors = logits + CHUNK * row + 4 * CHUNK + 64
  const transposed = vectors + part
  const own = transposed + part
  kernels.lookup(count, dim, outputs, ids, vectors)
  kernels.transpose(count, dim, vectors, size, transposed, wide)
  kernels.scale(count * dim, vectors, 0, own, 0)
  const loss = overChunks(context, range, (_, chunk) => {
    const { length } = chunk
    kernels.matMul(length, count, dim, hidden, size, 4, transposed, wide, logits, row, 0, 0)
    const scored = score(context, chunk, { negatives: list, step: 0 })
    kernels.matMul(length, dim, count, logits, row, 4, vectors, size, gradient, size, 0, 0)
    kernels.matMul(count, dim, length, logits, 4, row, hidden, size, own, size, 0, 1)
    addPositives(context, chunk, scored.positives)
    return scored.loss
  })
  kernels.addToRows(count, dim, own, ids, itemGradients)
  return loss
}

/** Turns logits of negatives, and of the targets, into their gradients. */
function score(
  { batch, job, dim, hidden, logits, outputs, numOutputs, share }: Context,
  { first, length }: Chunk,
  at: { readonly negatives: number; readonly step: number },
): { readonly loss: number; readonly positives: number } {
  const { kernels } = batch
  const {
    loss: kind,
    beta,
    count,
    items,
    bias,
  } = job.negatives as NonNullable<StepJob['negatives']>
  const row = rowBytes(count)
  const positives = logits + CHUNK * row
  const targets = job.targets + 4 * first
  kernels.innerProducts(length, 1, dim, hidden, outputs, targets, positives, 4)
  const ids = items + 4 * at.negatives
  const biases = bias + 4 * at.negatives
  if (job.prior !== null) {
    const { values, rows } = job.prior
    const own = rows + 4 * first
    kernels.addPicked(length, count, logits, row, values, numOutputs, own, ids, at.step)
    kernels.addPicked(length, 1, positives, 4, values, numOutputs, own, targets, 4)
  }
  const loss =
    kind === 'softmax'
      ? kernels.sampledSoftmaxLoss(
          length,
          count,
          logits,
          row,
          positives,
          targets,
          ids,
          biases,
          at.step,
          share,
        )
      : kernels.binaryLoss(
          length,
          count,
          logits,
          row,
          positives,
          targets,
          ids,
          biases,
          at.step,
          share,
          beta,
        )
  return { loss, positives }
}

function addPositives(
  { batch, job, dim, hidden, gradient, outputs, itemGradients }: Context,
  { first, length }: Chunk,
  positives: number,
): void {
  batch.kernels.addInnerGradients(
    length,
    1,
    dim,
    hidden,
    outputs,
    job.targets + 4 * first,
    positives,
    4,
    gradient,
    itemGradients,
  )
}
