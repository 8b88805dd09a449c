import { type Parameters, type TokenKey, timeBucketStarts } from '@perennial/core'
import type { FlatWeights, PlacedWeight, Placement } from './jobs.ts'
import { scratchBytes } from './micro-batch.ts'
import { type Plan, planBuffers } from './plan.ts'
import { type NetworkDefinition, type Program, recordProgram } from './program.ts'
import type { SharedMemory } from './shared-memory.ts'

/** Tokens of a micro-batch, unless one sequence alone is longer: about what the second cache holds. */
const MICRO_TOKENS = 256

/** Each array begins on a cache line and has room for what kernels read behind it. */
const ALIGNMENT = 64
const SLACK = 64

/** A network in memory. */
export interface PlacedNetwork {
  readonly placement: Placement
  readonly flat: FlatWeights
  /** Bytes of a thread's arena without what the loss wants: plan, time buckets. */
  readonly fixedBytes: number
  /** Bytes that attention wants behind these. */
  readonly scratchBytes: number
  readonly keys: readonly TokenKey[]
  /** Gives the network's memory back. */
  release(): void
}

/**
 * Records a network, gives everything it needs a place in memory, and copies its weights there.
 *
 * @param maxLength - Rows of the longest sequence or list.
 * @param numThreads - Gradient buffers to place; 0 for scoring alone.
 */
export function placeNetwork(
  memory: SharedMemory,
  network: NetworkDefinition,
  {
    parameters,
    maxLength,
    numThreads,
  }: { parameters: Parameters; maxLength: number; numThreads: number },
): PlacedNetwork {
  const training = numThreads > 0
  const program = recordProgram(network, training)
  const maxTokens = Math.max(MICRO_TOKENS, maxLength)
  const maxShares = maxTokens * ((Math.min(maxLength, maxTokens) + 3) & ~3)
  const plan = planBuffers(program, { maxTokens, maxShares, training })
  const starts = new Map<string, number>()
  let bytes = 0
  for (const [name, { values }] of parameters) {
    starts.set(name, bytes)
    bytes = align(bytes + values.byteLength + SLACK)
  }
  const taken: [address: number, bytes: number][] = []
  const allocate = (size: number): number => {
    const address = memory.allocate(size)
    taken.push([address, size])
    return address
  }
  const weights = allocate(bytes)
  const gradients = training ? allocate(bytes * numThreads) : 0
  const products = productsOf(program)
  const placed = new Map<string, PlacedWeight>()
  for (const [name, { values, shape }] of parameters) {
    const start = starts.get(name) as number
    const [rows = 1, columns = 1] = shape.length === 2 ? shape : [1, shape[0]]
    placed.set(name, {
      address: weights + start,
      gradient: gradients + start,
      transposed: training && products.has(name) ? allocate(values.byteLength + SLACK) : 0,
      rows,
      columns,
    })
    memory.write(weights + start, values)
  }
  const usesTimes = program.nodes.some(({ op }) => op === 'pointwiseAttention')
  return {
    placement: {
      plan,
      weights: placed,
      gradientStride: bytes,
      maxTokens,
      maxLength,
      bucketStarts: usesTimes ? timeBucketStarts() : null,
    },
    flat: {
      length: bytes / 4,
      weights,
      gradients,
      mean: training ? allocate(bytes) : 0,
      square: training ? allocate(bytes) : 0,
    },
    fixedBytes: arenaStart(plan, usesTimes ? maxShares : 0),
    scratchBytes: hasAttention(program) ? scratchBytes(maxLength, network.inputWidth) : 0,
    release: () => {
      for (const [address, size] of taken) memory.release(address, size)
    },
    keys: [...new Set(program.nodes.flatMap((node) => (node.op === 'lookup' ? [node.key] : [])))],
  }
}

function arenaStart(plan: Plan, maxPairs: number): number {
  return align(plan.bytes + 4 * maxPairs + 128)
}

function hasAttention({ nodes }: Program): boolean {
  return nodes.some(({ op }) => op === 'attention' || op === 'pointwiseAttention')
}

function productsOf({ nodes }: Program): Set<string> {
  return new Set(nodes.flatMap((node) => (node.op === 'matMul' ? [node.weight] : [])))
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
