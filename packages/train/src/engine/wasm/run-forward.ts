import { drop, eachHead, type MicroBatch, type NodeOf, type Run, weightOf } from './micro-batch.ts'
import type { PlannedNode } from './plan.ts'

/** Runs the network forward. The input must stand in its place. */
export function runForward(batch: MicroBatch): void {
  for (const planned of batch.placement.plan.nodes) FORWARD[planned.node.op](batch, planned)
}

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
