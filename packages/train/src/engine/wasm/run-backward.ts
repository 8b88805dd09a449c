import {
  drop,
  eachHead,
  gradientOf,
  type MicroBatch,
  type NodeOf,
  type Run,
  weightOf,
} from './micro-batch.ts'
import type { PlannedNode } from './plan.ts'

/** Runs the network backward. The gradient of the output must stand in its place; that of the input then does. */
export function runBackward(batch: MicroBatch): void {
  const { nodes } = batch.placement.plan
  for (let i = nodes.length - 1; i >= 0; i--) {
    const planned = nodes[i] as PlannedNode
    BACKWARD[planned.node.op](batch, planned)
  }
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
