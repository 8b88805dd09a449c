import { rowLoss } from '../row-loss.ts'
import type { RowJob, RowModelSetup, RowScoreJob, RowTrainerSetup } from './jobs.ts'
import { cutMicroBatches, viewHeap } from './micro-batches.ts'
import { runBackward } from './run-backward.ts'
import { runForward } from './run-forward.ts'
import type { ThreadContext } from './run-score.ts'

/** Runs this thread's lists forward and backward and returns their share of the loss. */
export function runRows(
  { kernels, memory, thread }: ThreadContext,
  { placement, rows, loss }: RowTrainerSetup,
  { sequences, dropoutSeed, arena, numLists }: RowJob,
): number {
  const heap = viewHeap(memory)
  const { plan } = placement
  const cut = { kernels, heap, placement, arena, sequences, thread, dropoutSeed }
  let sum = 0
  for (const batch of cutMicroBatches(cut)) {
    const first = (sequences.tokens >> 2) + batch.firstToken
    const places = heap.ints.subarray(first, first + batch.numTokens)
    let at = (batch.arena + plan.input) >> 2
    for (const place of places) {
      heap.floats.set(rows.subarray(place * plan.dim, (place + 1) * plan.dim), at)
      at += plan.dim
    }
    runForward(batch)
    const viewOf = (address: number): Float32Array =>
      heap.floats.subarray(address >> 2, (address >> 2) + batch.numTokens * plan.outputWidth)
    sum += rowLoss(loss, {
      outputs: viewOf(batch.arena + plan.output),
      gradients: viewOf(batch.arena + plan.outputGradient),
      places,
      lengths: batch.lengths,
      share: 1 / numLists,
    })
    runBackward(batch)
  }
  return sum
}

/** Writes the outputs of this thread's rows. */
export function scoreRows(
  { kernels, memory, thread }: ThreadContext,
  { placement }: RowModelSetup,
  { sequences, arena, rows, outputs }: RowScoreJob,
): void {
  const heap = viewHeap(memory)
  const { plan } = placement
  const cut = { kernels, heap, placement, arena, sequences, thread, dropoutSeed: 0 }
  for (const batch of cutMicroBatches(cut)) {
    const { firstToken, numTokens } = batch
    const end = firstToken + numTokens
    heap.floats.set(
      rows.subarray(firstToken * plan.dim, end * plan.dim),
      (batch.arena + plan.input) >> 2,
    )
    runForward(batch)
    const from = (batch.arena + plan.output) >> 2
    outputs.set(
      heap.floats.subarray(from, from + numTokens * plan.outputWidth),
      firstToken * plan.outputWidth,
    )
  }
}
