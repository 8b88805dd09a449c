import type { StepJob } from './jobs.ts'
import type { MicroBatch } from './micro-batch.ts'

/** Rows of logits that exist at one time: few enough to stay in the cache, enough to keep the products long. */
const CHUNK = 48

/** Returns the scratch bytes that the loss wants. */
export function lossBytes(
  { numItems, negatives }: Pick<StepJob, 'numItems' | 'negatives'>,
  { dim, maxTokens }: { dim: number; maxTokens: number },
): number {
  const logits = CHUNK * rowBytes(negatives === null ? numItems : negatives.count)
  const own = negatives?.sharedBy === 'sequence' ? 3 * (4 * (dim + 8) * (negatives.count + 16)) : 0
  return logits + own + 4 * maxTokens + 256
}

function rowBytes(count: number): number {
  // Not a multiple of a page: columns of the logits are read across rows.
  return 4 * (((count + 15) & ~15) + 16)
}

/**
 * Computes the loss of a micro-batch from the network's output and writes the output's gradient.
 *
 * @returns Sum over tokens, in nats. Gradients are those of the mean over the whole batch.
 */
export function runLoss(batch: MicroBatch, job: StepJob, thread: number): number {
  const { arena, placement, numTokens } = batch
  const { plan } = placement
  const hidden = arena + plan.output
  const gradient = arena + plan.outputGradient
  const context: Context = {
    batch,
    job,
    dim: plan.dim,
    itemGradients: job.itemGradients + thread * job.itemGradientStride,
    share: 1 / job.numTokens,
    thread,
  }
  if (job.negatives?.sharedBy === 'sequence') {
    let loss = 0
    let first = 0
    batch.lengths.forEach((length, s) => {
      loss += runSequence(context, { hidden, gradient, first, length, sequence: s })
      first += length
    })
    return loss
  }
  let loss = 0
  for (let first = 0; first < numTokens; first += CHUNK) {
    const chunk = { hidden, gradient, first, length: Math.min(CHUNK, numTokens - first) }
    loss += job.negatives === null ? runFull(context, chunk) : runSampled(context, chunk)
  }
  return loss
}

interface Context {
  readonly batch: MicroBatch
  readonly job: StepJob
  readonly dim: number
  readonly itemGradients: number
  readonly share: number
  readonly thread: number
}

interface Chunk {
  readonly hidden: number
  readonly gradient: number
  /** First token of the chunk, within the micro-batch. */
  readonly first: number
  readonly length: number
}

/** With `p` the softmax over all items: `dh = sum_j p_j e_j - e_target`, `de_j = (p_j - [j is target]) h`. */
function runFull({ batch, job, dim, itemGradients, share }: Context, chunk: Chunk): number {
  const { kernels, scratch: logits, firstToken } = batch
  const { numItems, items, itemsTransposed, itemsWide } = job
  const { first, length } = chunk
  const size = 4 * dim
  const row = rowBytes(numItems)
  const hidden = chunk.hidden + first * size
  const targets = job.targets + 4 * (firstToken + first)
  kernels.matMul(
    length,
    numItems,
    dim,
    hidden,
    size,
    4,
    itemsTransposed,
    4 * itemsWide,
    logits,
    row,
    0,
    0,
  )
  const loss = kernels.softmaxLoss(length, numItems, logits, row, targets, share)
  kernels.matMul(
    length,
    dim,
    numItems,
    logits,
    row,
    4,
    items,
    size,
    chunk.gradient + first * size,
    size,
    0,
    0,
  )
  kernels.matMul(numItems, dim, length, logits, 4, row, hidden, size, itemGradients, size, 0, 1)
  return loss
}

/** Negatives shared by the batch, or each token's own. */
function runSampled(context: Context, chunk: Chunk): number {
  const { batch, job, dim, itemGradients, thread } = context
  const { kernels, scratch: logits, firstToken } = batch
  const negatives = job.negatives as NonNullable<StepJob['negatives']>
  const { count, sharedBy } = negatives
  const size = 4 * dim
  const row = rowBytes(count)
  const hidden = chunk.hidden + chunk.first * size
  const gradient = chunk.gradient + chunk.first * size
  const token = firstToken + chunk.first
  const { length } = chunk
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
  const ids = negatives.items + 4 * count * token
  kernels.innerProducts(length, count, dim, hidden, job.items, ids, logits, row)
  const { loss, positives } = score(context, chunk, { negatives: count * token, step: 4 * count })
  kernels.scale(length * dim, hidden, 0, gradient, 0)
  kernels.addInnerGradients(
    length,
    count,
    dim,
    hidden,
    job.items,
    ids,
    logits,
    row,
    gradient,
    itemGradients,
  )
  addPositives(context, chunk, positives)
  return loss
}

/** Negatives of one sequence: gathered, used for all its tokens, and their gradients handed back. */
function runSequence(
  context: Context,
  { hidden, gradient, first, length, sequence }: Chunk & { readonly sequence: number },
): number {
  const { batch, job, dim, itemGradients } = context
  const { kernels, scratch: logits } = batch
  const { count, items } = job.negatives as NonNullable<StepJob['negatives']>
  const size = 4 * dim
  const row = rowBytes(count)
  const list = count * (batch.firstSequence + sequence)
  const ids = items + 4 * list
  const wide = 4 * ((count + 7) & ~7)
  const part = 4 * (dim + 8) * (count + 16)
  const vectors = logits + CHUNK * row + 4 * batch.placement.maxTokens + 64
  const transposed = vectors + part
  const own = transposed + part
  kernels.lookup(count, dim, job.items, ids, vectors)
  kernels.transpose(count, dim, vectors, size, transposed, wide)
  kernels.scale(count * dim, vectors, 0, own, 0)
  let loss = 0
  for (let at = first; at < first + length; at += CHUNK) {
    const chunk = { hidden, gradient, first: at, length: Math.min(CHUNK, first + length - at) }
    const from = hidden + at * size
    kernels.matMul(chunk.length, count, dim, from, size, 4, transposed, wide, logits, row, 0, 0)
    const scored = score(context, chunk, { negatives: list, step: 0 })
    kernels.matMul(
      chunk.length,
      dim,
      count,
      logits,
      row,
      4,
      vectors,
      size,
      gradient + at * size,
      size,
      0,
      0,
    )
    kernels.matMul(count, dim, chunk.length, logits, 4, row, from, size, own, size, 0, 1)
    addPositives(context, chunk, scored.positives)
    loss += scored.loss
  }
  kernels.addToRows(count, dim, own, ids, itemGradients)
  return loss
}

/** Turns logits of negatives, and of the targets, into their gradients. */
function score(
  { batch, job, dim, share }: Context,
  { hidden, first, length }: Chunk,
  at: { readonly negatives: number; readonly step: number },
): { readonly loss: number; readonly positives: number } {
  const { kernels, scratch: logits, firstToken } = batch
  const {
    loss: kind,
    beta,
    count,
    items,
    bias,
  } = job.negatives as NonNullable<StepJob['negatives']>
  const row = rowBytes(count)
  const positives = logits + CHUNK * row
  const targets = job.targets + 4 * (firstToken + first)
  const from = hidden + 4 * dim * first
  kernels.innerProducts(length, 1, dim, from, job.items, targets, positives, 4)
  const ids = items + 4 * at.negatives
  const biases = bias + 4 * at.negatives
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
  { batch, job, dim, itemGradients }: Context,
  { hidden, gradient, first, length }: Chunk,
  positives: number,
): void {
  const at = 4 * dim * first
  const targets = job.targets + 4 * (batch.firstToken + first)
  batch.kernels.addInnerGradients(
    length,
    1,
    dim,
    hidden + at,
    job.items,
    targets,
    positives,
    4,
    gradient + at,
    itemGradients,
  )
}
