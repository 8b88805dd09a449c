import type { Arena, PlacedSequences, Placement } from './jobs.ts'
import type { Kernels } from './kernels.ts'
import { type MicroBatch, numShares } from './micro-batch.ts'

/** Views of the shared memory. They are made anew for each job, since the memory may have grown. */
export interface Heap {
  readonly ints: Int32Array
  readonly floats: Float32Array
  readonly doubles: Float64Array
}

/** Returns views of all of a memory. */
export function viewHeap({ buffer }: WebAssembly.Memory): Heap {
  return {
    ints: new Int32Array(buffer),
    floats: new Float32Array(buffer),
    doubles: new Float64Array(buffer),
  }
}

/** Options of {@link cutMicroBatches}. */
export interface CutOptions {
  readonly kernels: Kernels
  readonly heap: Heap
  readonly placement: Placement
  readonly arena: Arena
  readonly sequences: PlacedSequences
  readonly thread: number
  readonly dropoutSeed: number
}

/** Yields a thread's sequences in micro-batches of whole sequences, each with the number of its first sequence. */
export function* cutMicroBatches({
  kernels,
  heap,
  placement,
  arena,
  sequences,
  thread,
  dropoutSeed,
}: CutOptions): Generator<MicroBatch> {
  const { ranges, offsets, keys } = sequences
  const { plan, maxTokens, gradientStride, bucketStarts } = placement
  const offsetAt = (b: number): number => heap.ints[(offsets >> 2) + b] as number
  const end = ranges[thread + 1] as number
  const base = arena.address + thread * arena.bytes
  for (let b = ranges[thread] as number; b < end; ) {
    const firstSequence = b
    const firstToken = offsetAt(b)
    const lengths: number[] = []
    let numPairs = 0
    do {
      const length = offsetAt(b + 1) - offsetAt(b)
      lengths.push(length)
      numPairs += numShares(length)
      b++
    } while (b < end && offsetAt(b + 1) - firstToken <= maxTokens)
    const buckets = bucketStarts === null ? 0 : base + plan.bytes
    if (bucketStarts !== null)
      fillBuckets(heap, sequences, { firstToken, lengths, starts: bucketStarts, to: buckets })
    yield {
      kernels,
      placement,
      arena: base,
      scratch: base + plan.bytes + (bucketStarts === null ? 0 : 4 * numPairs + 64),
      gradientOffset: thread * gradientStride,
      numTokens: lengths.reduce((sum, length) => sum + length, 0),
      firstToken,
      lengths,
      keys: Object.fromEntries(
        Object.entries(keys).map(([key, address]) => [key, (address as number) + 4 * firstToken]),
      ),
      buckets,
      dropoutSeed,
      firstSequence,
    }
  }
}

/**
 * Writes the time bucket of each token's question seen from each event before it.
 *
 * Within a row the span grows as the events get older, so the bucket only rises and is not searched for.
 */
function fillBuckets(
  { ints, doubles }: Heap,
  { eventSeconds, askedSeconds }: PlacedSequences,
  {
    firstToken,
    lengths,
    starts,
    to,
  }: { firstToken: number; lengths: readonly number[]; starts: Float64Array; to: number },
): void {
  const events = eventSeconds >> 3
  const asked = askedSeconds >> 3
  let first = firstToken
  let row = to >> 2
  for (const length of lengths) {
    const width = (length + 3) & ~3
    for (let i = 0; i < length; i++) {
      const now = doubles[asked + first + i] as number
      let bucket = 0
      for (let j = i; j >= 0; j--) {
        const span = now - (doubles[events + first + j] as number)
        while (bucket + 1 < starts.length && span >= (starts[bucket + 1] as number)) bucket++
        ints[row + j] = bucket
      }
      row += width
    }
    first += length
  }
}
