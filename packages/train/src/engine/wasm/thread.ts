import { parentPort, workerData } from 'node:worker_threads'
import { ADAM, adamRates } from '../../fit/adam.ts'
import type {
  ModelSetup,
  RowJob,
  RowModelSetup,
  RowTrainerSetup,
  SentMessage,
  StepJob,
  ThreadSetup,
  TrainerSetup,
} from './jobs.ts'
import { bindKernels } from './kernels.ts'
import type { MicroBatch } from './micro-batch.ts'
import { cutMicroBatches, type Heap, viewHeap } from './micro-batches.ts'
import { runBackward } from './run-backward.ts'
import { runForward } from './run-forward.ts'
import { runLoss } from './run-loss.ts'
import { runRows, scoreRows } from './run-rows.ts'
import { runScore, type ThreadContext } from './run-score.ts'

// One thread of the wasm engine. All threads get the same message and do their share of it; a barrier stands
// between what one thread writes and what another reads. Shares depend on nothing but the number of threads, so a
// run repeats itself bit for bit.

const { memory, module, barrier, thread, numThreads } = workerData as ThreadSetup
const kernels = bindKernels(module, memory)
const context: ThreadContext = { kernels, memory, thread, shareOf, meet }
const setups = new Map<number, TrainerSetup | ModelSetup | RowTrainerSetup | RowModelSetup>()

parentPort?.postMessage('ready')

parentPort?.on('message', ({ id, job, memoryBytes }: SentMessage) => {
  seeGrowth(memoryBytes)
  if ('placement' in job) setups.set(id, job)
  else if (job.type === 'drop') setups.delete(id)
  else if (job.type === 'score') {
    runScore(context, setups.get(id) as ModelSetup, job)
    parentPort?.postMessage({ id, loss: 0 })
  } else if (job.type === 'rowScore') {
    scoreRows(context, setups.get(id) as RowModelSetup, job)
    parentPort?.postMessage({ id, loss: 0 })
  } else if ('numLists' in job) {
    parentPort?.postMessage({ id, loss: trainRows(setups.get(id) as RowTrainerSetup, job) })
  } else {
    parentPort?.postMessage({ id, loss: train(setups.get(id) as TrainerSetup, job) })
  }
})

/**
 * Sees to it that views of the memory reach to its end.
 *
 * When the engine's thread lets the memory grow, the buffer of the others is replaced some time later; growing by
 * nothing replaces it at once.
 */
function seeGrowth(memoryBytes: number): void {
  if (memory.buffer.byteLength < memoryBytes) memory.grow(0)
  if (memory.buffer.byteLength < memoryBytes)
    throw new Error('internal: a thread does not see how the shared memory has grown')
}

/** Returns this thread's part of `0 .. count - 1`, cut at multiples of `unit`. */
function shareOf(count: number, unit = 1): readonly [start: number, end: number] {
  const cut = (w: number): number =>
    w === numThreads ? count : Math.floor((count * w) / numThreads / unit) * unit
  return [cut(thread), cut(thread + 1)]
}

/** Waits until every thread has come here. */
function meet(): void {
  const state = new Int32Array(memory.buffer, barrier, 2)
  const round = Atomics.load(state, 1)
  if (Atomics.add(state, 0, 1) === numThreads - 1) {
    Atomics.store(state, 0, 0)
    Atomics.add(state, 1, 1)
    Atomics.notify(state, 1)
    return
  }
  // The others are mostly a moment away; sleeping and waking would take longer than that.
  for (let spins = 0; spins < 2000; spins++) if (Atomics.load(state, 1) !== round) return
  while (Atomics.load(state, 1) === round) Atomics.wait(state, 1, round)
}

function train(setup: TrainerSetup, job: StepJob): number {
  const heap = viewHeap(memory)
  const { placement } = setup
  gatherItems(setup, job, heap)
  transposeWeights(setup)
  if (job.negatives?.sharedBy === 'batch') {
    meet()
    gatherNegatives(job, placement.plan.dim)
  }
  meet()
  let loss = 0
  const { sequences, dropoutSeed, arena } = job
  const cut = { kernels, heap, placement, arena, sequences, thread, dropoutSeed }
  for (const batch of cutMicroBatches(cut)) loss += trainMicroBatch(batch, job, heap)
  returnNegatives(job, placement.plan.dim)
  meet()
  reduceGradients(setup)
  const [firstRow, endRow] = shareOf(job.numItems, 4)
  const rowGradients = job.itemGradients + 4 * placement.plan.dim * firstRow
  kernels.reduce(
    (endRow - firstRow) * placement.plan.dim,
    rowGradients,
    job.itemGradientStride,
    numThreads,
  )
  if (setup.unitItems) throughUnit(setup, job, [firstRow, endRow])
  if (job.type === 'step') {
    updateWeights(setup, job)
    updateRows(setup, job, heap, [firstRow, endRow])
  }
  return loss
}

function trainRows(setup: RowTrainerSetup, job: RowJob): number {
  transposeWeights(setup)
  meet()
  const sum = runRows(context, setup, job)
  meet()
  reduceGradients(setup)
  if (job.type === 'rowStep') updateWeights(setup, job)
  return sum
}

/** Adds up this thread's part of the gradients of all threads. */
function reduceGradients({ placement, flat }: Pick<TrainerSetup, 'placement' | 'flat'>): void {
  const [from, to] = shareOf(flat.length, 16)
  kernels.reduce(to - from, flat.gradients + 4 * from, placement.gradientStride, numThreads)
}

/** Takes a step of Adam on this thread's part of the weights, and clears their gradients. */
function updateWeights(
  { flat }: Pick<TrainerSetup, 'flat'>,
  job: Pick<StepJob, 'learningRate' | 'step'>,
): void {
  const [from, to] = shareOf(flat.length, 16)
  const { rate, correction } = adamRates(job)
  kernels.adam(
    to - from,
    flat.weights + 4 * from,
    flat.gradients + 4 * from,
    flat.mean + 4 * from,
    flat.square + 4 * from,
    rate,
    ADAM.beta1,
    ADAM.beta2,
    correction,
    ADAM.epsilon,
  )
}

function trainMicroBatch(batch: MicroBatch, job: StepJob, heap: Heap): number {
  const { arena, placement, firstToken, numTokens } = batch
  const { plan } = placement
  const tokens = job.sequences.tokens + 4 * firstToken
  kernels.lookup(numTokens, plan.dim, job.items, tokens, arena + plan.input)
  runForward(batch)
  const loss = runLoss(batch, job, { thread, heap })
  runBackward(batch)
  const itemGradients = job.itemGradients + thread * job.itemGradientStride
  kernels.addToRows(numTokens, plan.dim, arena + plan.inputGradient, tokens, itemGradients)
  return loss
}

/** Copies the vectors that the step uses from the table, made to length 1 where the score is a cosine. */
function gatherItems(
  { placement, itemTable, unitItems }: TrainerSetup,
  job: StepJob,
  { ints, floats }: Heap,
): void {
  const { dim } = placement.plan
  const [start, end] = shareOf(job.numItems, 4)
  const size = 4 * dim
  for (let i = start; i < end; i++) {
    const row = ints[(job.itemRows >> 2) + i] as number
    floats.set(itemTable.subarray(row * dim, (row + 1) * dim), (job.items >> 2) + i * dim)
  }
  const from = job.items + start * size
  if (unitItems) kernels.unitRows(end - start, dim, from, 1, job.itemInverses + 4 * start, from)
  if (job.negatives === null) {
    const to = job.itemsTransposed + 4 * start
    kernels.transpose(end - start, dim, from, size, to, 4 * job.itemsWide)
  }
}

function transposeWeights({ placement }: Pick<TrainerSetup, 'placement'>): void {
  let n = 0
  for (const { address, transposed, rows, columns } of placement.weights.values()) {
    if (transposed > 0 && n++ % numThreads === thread)
      kernels.transpose(rows, columns, address, 4 * columns, transposed, 4 * rows)
  }
}

function gatherNegatives(job: StepJob, dim: number): void {
  const { count, items, vectors, transposed, wide } = job.negatives as NonNullable<
    StepJob['negatives']
  >
  const [start, end] = shareOf(count, 4)
  const from = vectors + 4 * dim * start
  kernels.lookup(end - start, dim, job.items + 4 * dim * job.firstOutput, items + 4 * start, from)
  kernels.transpose(end - start, dim, from, 4 * dim, transposed + 4 * start, 4 * wide)
}

/** Adds the gradients of the shared negatives to those of their items and clears them. */
function returnNegatives(job: StepJob, dim: number): void {
  if (job.negatives?.sharedBy !== 'batch') return
  const { count, items, gradients, gradientStride } = job.negatives
  const own = gradients + thread * gradientStride
  const outputs = job.itemGradients + 4 * dim * job.firstOutput + thread * job.itemGradientStride
  kernels.addToRows(count, dim, own, items, outputs)
  kernels.scale(count * dim, own, 0, own, 0)
}

/** Turns gradients of vectors of length 1 into those of the table's vectors. */
function throughUnit(
  { placement }: TrainerSetup,
  job: StepJob,
  [start, end]: readonly [number, number],
): void {
  const { dim } = placement.plan
  const at = 4 * dim * start
  const gradients = job.itemGradients + at
  kernels.unitRowsGradient(
    end - start,
    dim,
    gradients,
    job.items + at,
    1,
    job.itemInverses + 4 * start,
    gradients,
    0,
  )
}

/** Takes a step of Adam on the rows of the item table that the batch used, and clears their gradients. */
function updateRows(
  { placement, itemTable, itemMean, itemSquare }: TrainerSetup,
  job: StepJob,
  { ints, floats }: Heap,
  [start, end]: readonly [number, number],
): void {
  const { dim } = placement.plan
  const { beta1, beta2, epsilon } = ADAM
  const { rate, correction } = adamRates(job)
  let from = (job.itemGradients >> 2) + start * dim
  for (let i = start; i < end; i++) {
    const first = (ints[(job.itemRows >> 2) + i] as number) * dim
    for (let at = first; at < first + dim; at++) {
      const gradient = floats[from] as number
      floats[from++] = 0
      const mean = beta1 * (itemMean[at] as number) + (1 - beta1) * gradient
      const square = beta2 * (itemSquare[at] as number) + (1 - beta2) * gradient * gradient
      itemMean[at] = mean
      itemSquare[at] = square
      itemTable[at] =
        (itemTable[at] as number) - (rate * mean) / (Math.sqrt(square * correction) + epsilon)
    }
  }
}
