import type { PlacedWeight, Placement } from './jobs.ts'
import type { Kernels } from './kernels.ts'
import type { PlannedNode } from './plan.ts'

/** A micro-batch: whole sequences next to each other, few enough that all they need stays in the cache. */
export interface MicroBatch {
  readonly kernels: Kernels
  readonly placement: Placement
  /** Address of the thread's arena, and of the scratch space within it. */
  readonly arena: number
  readonly scratch: number
  /** What the thread adds to the address of a gradient. */
  readonly gradientOffset: number
  readonly numTokens: number
  /** Position of the first token in the batch; it numbers what dropout draws. */
  readonly firstToken: number
  /** Number of the first sequence in the batch. */
  readonly firstSequence: number
  /** Lengths of the sequences. */
  readonly lengths: readonly number[]
  /** Addresses of the token keys of the first token. */
  readonly keys: Readonly<Record<string, number>>
  /** Address of the time buckets of all pairs, sequence after sequence; 0 where the network has no use for them. */
  readonly buckets: number
  readonly dropoutSeed: number
}

/** Runs one operation on a micro-batch. */
export type Run = (batch: MicroBatch, node: PlannedNode) => void

/** A node of one kind. */
export type NodeOf<Op extends PlannedNode['node']['op']> = Extract<PlannedNode['node'], { op: Op }>

/** Returns the floats of one sequence's attention weights: rows of `length` rounded up to 4. */
export function numShares(length: number): number {
  return length * ((length + 3) & ~3)
}

/** Returns the scratch bytes that attention over `length` tokens wants. */
export function scratchBytes(length: number, dim: number): number {
  return 4 * (dim + 2 * length + 8) * (((length + 3) & ~3) + 8) + 64
}

/** Returns where a weight lies. */
export function weightOf({ placement }: MicroBatch, name: string): PlacedWeight {
  return placement.weights.get(name) as PlacedWeight
}

/** Returns where the thread adds up a weight's gradient. */
export function gradientOf(batch: MicroBatch, name: string): number {
  return weightOf(batch, name).gradient + batch.gradientOffset
}

/** Where one sequence and head lies: its first token, and its attention weights by head and without. */
export interface HeadPlace {
  readonly first: number
  readonly length: number
  readonly head: number
  readonly shares: number
  readonly pairs: number
}

/** Visits every sequence and head. */
export function eachHead(
  { lengths }: MicroBatch,
  numHeads: number,
  visit: (place: HeadPlace) => void,
): void {
  let first = 0
  let pairs = 0
  for (const length of lengths) {
    const size = numShares(length)
    for (let head = 0; head < numHeads; head++) {
      visit({ first, length, head, shares: pairs * numHeads + head * size, pairs })
    }
    first += length
    pairs += size
  }
}

/** Masks values from one place of the arena to another; the backward pass makes the forward pass's mask again. */
export function drop(
  { kernels, arena, numTokens, firstToken, dropoutSeed }: MicroBatch,
  { rate, site }: NodeOf<'dropout'>,
  { from, to, width, add }: { from: number; to: number; width: number; add: number },
): void {
  const seed = Math.imul(dropoutSeed ^ Math.imul(site + 1, 0x9e3779b1), 0x85ebca6b)
  kernels.dropout(
    numTokens * width,
    arena + from,
    arena + to,
    add,
    firstToken * width,
    seed ^ (seed >>> 15),
    Math.floor(rate * 2 ** 32),
    1 / (1 - rate),
  )
}
