import type { ModelSetup, ScoreJob } from './jobs.ts'
import type { Kernels } from './kernels.ts'
import { cutMicroBatches, type Heap, viewHeap } from './micro-batches.ts'
import { runForward } from './run-forward.ts'
import { ITEM_BLOCK } from './score-block.ts'

/** What a thread works with. */
export interface ThreadContext {
  readonly kernels: Kernels
  readonly memory: WebAssembly.Memory
  readonly thread: number
  /** Returns this thread's part of `0 .. count - 1`. */
  shareOf(count: number, unit?: number): readonly [start: number, end: number]
  /** Waits until every thread has come here. */
  meet(): void
}

/** Encodes this thread's sequences, and scores its part of the items for all queries where that is asked. */
export function runScore(
  context: ThreadContext,
  { placement, itemTable, outputTable }: ModelSetup,
  job: ScoreJob,
): void {
  const { kernels, memory, thread, meet } = context
  const heap = viewHeap(memory)
  const { plan } = placement
  const { dim } = plan
  const { sequences, arena } = job
  const cut = { kernels, heap, placement, arena, sequences, thread, dropoutSeed: 0 }
  for (const batch of cutMicroBatches(cut)) {
    const { floats, ints } = heap
    const input = (batch.arena + plan.input) >> 2
    for (let t = 0; t < batch.numTokens; t++) {
      const row = ints[(sequences.tokens >> 2) + batch.firstToken + t] as number
      floats.set(itemTable.subarray(row * dim, (row + 1) * dim), input + t * dim)
    }
    runForward(batch)
    let newest = (batch.arena + plan.output) >> 2
    batch.lengths.forEach((length, s) => {
      newest += length * dim
      const to = (job.queries >> 2) + (batch.firstSequence + s) * dim
      floats.copyWithin(to, newest - dim, newest)
    })
  }
  if (job.scores === null) return
  meet()
  scoreItems(context, {
    scratch: arena.address + thread * arena.bytes,
    outputTable,
    dim,
    heap,
    job,
  })
}

/** Writes this thread's items' scores for all queries, a block of items at a time. */
function scoreItems(
  { kernels, shareOf }: ThreadContext,
  {
    scratch,
    outputTable,
    dim,
    heap,
    job,
  }: { scratch: number; outputTable: Float32Array; dim: number; heap: Heap; job: ScoreJob },
): void {
  const scores = job.scores as Float32Array
  const width = outputTable.length / dim
  const [start, end] = shareOf(width)
  const vectors = scratch
  const transposed = vectors + 4 * dim * ITEM_BLOCK + 64
  const block = transposed + 4 * dim * ITEM_BLOCK + 64
  for (let first = start; first < end; first += ITEM_BLOCK) {
    const count = Math.min(ITEM_BLOCK, end - first)
    heap.floats.set(outputTable.subarray(first * dim, (first + count) * dim), vectors >> 2)
    kernels.transpose(count, dim, vectors, 4 * dim, transposed, 4 * ITEM_BLOCK)
    for (let b = 0; b < job.numSequences; b += 4) {
      const rows = Math.min(4, job.numSequences - b)
      const query = job.queries + 4 * dim * b
      kernels.matMul(
        rows,
        count,
        dim,
        query,
        4 * dim,
        4,
        transposed,
        4 * ITEM_BLOCK,
        block,
        4 * ITEM_BLOCK,
        0,
        0,
      )
      for (let r = 0; r < rows; r++) {
        const from = (block >> 2) + r * ITEM_BLOCK
        scores.set(heap.floats.subarray(from, from + count), (b + r) * width + first)
      }
    }
  }
}
