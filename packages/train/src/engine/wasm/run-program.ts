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

type Run = (batch: MicroBatch, node: PlannedNode) => void

/** Runs the network forward. The input must stand in its place. */
export function runForward(batch: MicroBatch): void {
  for (const planned of batch.placement.plan.nodes) FORWARD[planned.node.op](batch, planned)
}

/** Runs the network backward. The gradient of the output must stand in its place; that of the input then does. */
export function runBackward(batch: MicroBatch): void {
  const { nodes } = batch.placement.plan
  for (let i = nodes.length - 1; i >= 0; i--) {
    const planned = nodes[i] as PlannedNode
    BACKWARD[planned.node.op](batch, planned)
  }
}

/** Returns the floats of one sequence's attention weights: rows of `length` rounded up to 4. */
export function numShares(length: number): number {
  return length * ((length + 3) & ~3)
}

/** Returns the scratch bytes that attention over `length` tokens wants. */
export function scratchBytes(length: number, dim: number): number {
  return 4 * (dim + 2 * length + 8) * (((length + 3) & ~3) + 8) + 64
}

function weightOf({ placement }: MicroBatch, name: string): PlacedWeight {
  return placement.weights.get(name) as PlacedWeight
}

function gradientOf(batch: MicroBatch, name: string): number {
  return weightOf(batch, name).gradient + batch.gradientOffset
}

type NodeOf<Op extends PlannedNode['node']['op']> = Extract<PlannedNode['node'], { op: Op }>

const unary =
  (name: 'relu' | 'gelu' | 'silu' | 'sigmoid'): Run =>
  ({ kernels, arena, numTokens }, { inputs, output, width }) =>
    kernels[name](numTokens * width, arena + (inputs[0] as number), arena + output)

const FORWARD: Readonly<Record<PlannedNode['node']['op'], Run>> = {
  add: ({ kernels, arena, numTokens }, { inputs, output, width }) =>
    kernels.sum(
      numTokens * width,
      arena + (inputs[0] as number),
      arena + (inputs[1] as number),
      arena + output,
    ),
  addRow: (batch, { node, inputs, output, width }) => {
    const { row } = node as NodeOf<'addRow'>
    const { kernels, arena, numTokens } = batch
    const { address } = weightOf(batch, row)
    kernels.sumRow(numTokens, width, arena + (inputs[0] as number), address, arena + output)
  },
  multiply: ({ kernels, arena, numTokens }, { inputs, output, width }) =>
    kernels.product(
      numTokens * width,
      arena + (inputs[0] as number),
      arena + (inputs[1] as number),
      arena + output,
      0,
    ),
  scale: ({ kernels, arena, numTokens }, { node, inputs, output, width }) => {
    const { factor } = node as NodeOf<'scale'>
    kernels.scale(numTokens * width, arena + (inputs[0] as number), factor, arena + output, 0)
  },
  relu: unary('relu'),
  gelu: unary('gelu'),
  silu: unary('silu'),
  sigmoid: unary('sigmoid'),
  matMul: (batch, { node, inputs, output, width, inputWidth }) => {
    const { weight, bias } = node as NodeOf<'matMul'>
    const { kernels, arena, numTokens } = batch
    const input = arena + (inputs[0] as number)
    kernels.matMul(
      numTokens,
      width,
      inputWidth,
      input,
      4 * inputWidth,
      4,
      weightOf(batch, weight).address,
      4 * width,
      arena + output,
      4 * width,
      bias === null ? 0 : weightOf(batch, bias).address,
      0,
    )
  },
  layerNorm: (batch, { node, inputs, output, width, kept, keptInverse }) => {
    const { gain, bias } = node as NodeOf<'layerNorm'>
    const { kernels, arena, numTokens } = batch
    kernels.layerNorm(
      numTokens,
      width,
      arena + (inputs[0] as number),
      weightOf(batch, gain).address,
      weightOf(batch, bias).address,
      arena + kept,
      arena + keptInverse,
      arena + output,
    )
  },
  unitRows: ({ kernels, arena, numTokens }, { node, inputs, output, width, keptInverse }) => {
    const { length } = node as NodeOf<'unitRows'>
    const input = arena + (inputs[0] as number)
    kernels.unitRows(numTokens, width, input, length, arena + keptInverse, arena + output)
  },
  dropout: (batch, { inputs, output, width, node }) =>
    drop(batch, node as NodeOf<'dropout'>, {
      from: inputs[0] as number,
      to: output,
      width,
      add: 0,
    }),
  lookup: (batch, { node, output, width }) => {
    const { table, key } = node as NodeOf<'lookup'>
    const { kernels, arena, numTokens, keys } = batch
    const { address } = weightOf(batch, table)
    kernels.lookup(numTokens, width, address, keys[key] as number, arena + output)
  },
  attention: (batch, { node, inputs, output, width, kept }) => {
    const { numHeads } = node as NodeOf<'attention'>
    const { kernels, arena, scratch } = batch
    const size = width / numHeads
    eachHead(batch, numHeads, ({ first, length, head, shares }) => {
      const q = arena + (inputs[0] as number) + 4 * (first * 3 * width + head * size)
      const out = arena + output + 4 * (first * width + head * size)
      kernels.attention(
        length,
        size,
        q,
        q + 4 * width,
        q + 8 * width,
        12 * width,
        1 / Math.sqrt(size),
        arena + kept + 4 * shares,
        scratch,
        out,
        4 * width,
      )
    })
  },
  pointwiseAttention: (batch, { node, inputs, output, width, kept }) => {
    const { numHeads, position, time } = node as NodeOf<'pointwiseAttention'>
    const { kernels, arena, scratch, placement, buckets } = batch
    const size = width / numHeads
    eachHead(batch, numHeads, ({ first, length, head, shares, pairs }) => {
      const q = arena + (inputs[0] as number) + 4 * (first * 3 * width + head * size)
      const out = arena + output + 4 * (first * width + head * size)
      kernels.pointwiseAttention(
        length,
        size,
        q,
        q + 4 * width,
        q + 8 * width,
        12 * width,
        1 / placement.maxLength,
        weightOf(batch, position).address,
        weightOf(batch, time).address,
        buckets + 4 * pairs,
        arena + kept + 4 * shares,
        scratch,
        out,
        4 * width,
      )
    })
  },
}

const unaryGradient =
  (
    name: 'reluGradient' | 'geluGradient' | 'siluGradient' | 'sigmoidGradient',
    from: 'inputs' | 'output',
  ): Run =>
  ({ kernels, arena, numTokens }, { inputs, output, width, gradient, inputGradients, adds }) => {
    const kept = arena + (from === 'inputs' ? (inputs[0] as number) : output)
    const out = arena + (inputGradients[0] as number)
    kernels[name](numTokens * width, kept, arena + gradient, out, Number(adds[0]))
  }

const BACKWARD: Readonly<Record<PlannedNode['node']['op'], Run>> = {
  add: (batch, planned) => {
    for (const n of inOrder(planned)) pass(batch, planned, n)
  },
  addRow: (batch, planned) => {
    const { row } = planned.node as NodeOf<'addRow'>
    const { kernels, arena, numTokens } = batch
    const { width, gradient } = planned
    kernels.addColumnSums(numTokens, width, arena + gradient, 4 * width, gradientOf(batch, row))
    pass(batch, planned, 0)
  },
  multiply: ({ kernels, arena, numTokens }, planned) => {
    const { inputs, inputGradients, gradient, adds, width } = planned
    for (const n of inOrder(planned)) {
      const other = arena + (inputs[1 - n] as number)
      const out = arena + (inputGradients[n] as number)
      kernels.product(numTokens * width, arena + gradient, other, out, Number(adds[n]))
    }
  },
  scale: ({ kernels, arena, numTokens }, { node, gradient, inputGradients, adds, width }) => {
    const { factor } = node as NodeOf<'scale'>
    const out = arena + (inputGradients[0] as number)
    kernels.scale(numTokens * width, arena + gradient, factor, out, Number(adds[0]))
  },
  relu: unaryGradient('reluGradient', 'output'),
  gelu: unaryGradient('geluGradient', 'inputs'),
  silu: unaryGradient('siluGradient', 'inputs'),
  sigmoid: unaryGradient('sigmoidGradient', 'output'),
  matMul: (batch, { node, inputs, width, inputWidth, gradient, inputGradients, adds }) => {
    const { weight, bias } = node as NodeOf<'matMul'>
    const { kernels, arena, numTokens } = batch
    const dy = arena + gradient
    kernels.matMul(
      inputWidth,
      width,
      numTokens,
      arena + (inputs[0] as number),
      4,
      4 * inputWidth,
      dy,
      4 * width,
      gradientOf(batch, weight),
      4 * width,
      0,
      1,
    )
    if (bias !== null)
      kernels.addColumnSums(numTokens, width, dy, 4 * width, gradientOf(batch, bias))
    kernels.matMul(
      numTokens,
      inputWidth,
      width,
      dy,
      4 * width,
      4,
      weightOf(batch, weight).transposed,
      4 * inputWidth,
      arena + (inputGradients[0] as number),
      4 * inputWidth,
      0,
      Number(adds[0]),
    )
  },
  layerNorm: (batch, { node, width, kept, keptInverse, gradient, inputGradients, adds }) => {
    const { gain, bias } = node as NodeOf<'layerNorm'>
    const { kernels, arena, numTokens } = batch
    kernels.layerNormGradient(
      numTokens,
      width,
      arena + gradient,
      arena + kept,
      arena + keptInverse,
      weightOf(batch, gain).address,
      gradientOf(batch, gain),
      gradientOf(batch, bias),
      arena + (inputGradients[0] as number),
      Number(adds[0]),
    )
  },
  unitRows: ({ kernels, arena, numTokens }, planned) => {
    const { output, width, keptInverse, gradient, inputGradients, adds } = planned
    const { length } = planned.node as NodeOf<'unitRows'>
    kernels.unitRowsGradient(
      numTokens,
      width,
      arena + gradient,
      arena + output,
      length,
      arena + keptInverse,
      arena + (inputGradients[0] as number),
      Number(adds[0]),
    )
  },
  dropout: (batch, { node, gradient, inputGradients, adds, width }) =>
    drop(batch, node as NodeOf<'dropout'>, {
      from: gradient,
      to: inputGradients[0] as number,
      width,
      add: Number(adds[0]),
    }),
  lookup: (batch, { node, gradient, width }) => {
    const { table, key } = node as NodeOf<'lookup'>
    const { kernels, arena, numTokens, keys } = batch
    const rows = arena + gradient
    kernels.addToRows(numTokens, width, rows, keys[key] as number, gradientOf(batch, table))
  },
  attention: (batch, { node, inputs, width, kept, gradient, inputGradients }) => {
    const { numHeads } = node as NodeOf<'attention'>
    const { kernels, arena, scratch } = batch
    const size = width / numHeads
    eachHead(batch, numHeads, ({ first, length, head, shares }) => {
      const at = 4 * (first * 3 * width + head * size)
      const q = arena + (inputs[0] as number) + at
      const dq = arena + (inputGradients[0] as number) + at
      kernels.attentionGradient(
        length,
        size,
        q,
        q + 4 * width,
        q + 8 * width,
        12 * width,
        1 / Math.sqrt(size),
        arena + kept + 4 * shares,
        scratch,
        arena + gradient + 4 * (first * width + head * size),
        4 * width,
        dq,
        dq + 4 * width,
        dq + 8 * width,
      )
    })
  },
  pointwiseAttention: (batch, { node, inputs, width, kept, gradient, inputGradients }) => {
    const { numHeads, position, time } = node as NodeOf<'pointwiseAttention'>
    const { kernels, arena, scratch, placement, buckets } = batch
    const size = width / numHeads
    eachHead(batch, numHeads, ({ first, length, head, shares, pairs }) => {
      const at = 4 * (first * 3 * width + head * size)
      const q = arena + (inputs[0] as number) + at
      const dq = arena + (inputGradients[0] as number) + at
      kernels.pointwiseAttentionGradient(
        length,
        size,
        q,
        q + 4 * width,
        q + 8 * width,
        12 * width,
        1 / placement.maxLength,
        buckets + 4 * pairs,
        arena + kept + 4 * shares,
        scratch,
        arena + gradient + 4 * (first * width + head * size),
        4 * width,
        dq,
        dq + 4 * width,
        dq + 8 * width,
        gradientOf(batch, position),
        gradientOf(batch, time),
      )
    })
  },
}

/** Where one sequence and head lies: its first token, and its attention weights by head and without. */
interface HeadPlace {
  readonly first: number
  readonly length: number
  readonly head: number
  readonly shares: number
  readonly pairs: number
}

function eachHead(
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

/** Returns the inputs' numbers, the one whose gradient takes the place of the result's at the end. */
function inOrder({ inputs, inputGradients, gradient }: PlannedNode): readonly number[] {
  return inputs.length === 2 && inputGradients[0] === gradient ? [1, 0] : inputs.map((_, n) => n)
}

/** Hands the result's gradient on to an input as it is. */
function pass(
  { kernels, arena, numTokens }: MicroBatch,
  { gradient, inputGradients, adds, width }: PlannedNode,
  n: number,
): void {
  const to = inputGradients[n] as number
  if (to !== gradient) {
    kernels.scale(numTokens * width, arena + gradient, 1, arena + to, Number(adds[n]))
  }
}

function drop(
  { kernels, arena, numTokens, firstToken, dropoutSeed }: MicroBatch,
  { rate, site }: NodeOf<'dropout'>,
  { from, to, width, add }: { from: number; to: number; width: number; add: number },
): void {
  const seed = Math.imul(dropoutSeed ^ Math.imul(site + 1, 0x9e3779b1), 0x85ebca6b)
  kernels.dropout(
    numTokens * width,
    arena + from,
    0,
    arena + to,
    add,
    firstToken * width,
    seed ^ (seed >>> 15),
    Math.floor(rate * 2 ** 32),
    1 / (1 - rate),
  )
}
