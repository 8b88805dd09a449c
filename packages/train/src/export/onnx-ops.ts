import type { Ops, Parameters } from '@perennial/core'
import type { OnnxGraph } from './onnx-graph.ts'

/** Where the network's ragged operations find the batch in the graph. */
export interface OnnxBatch {
  /** Looked-up item vectors: float32 `[B, L, D]`, the newest event last, zeros before the oldest. */
  readonly itemVectors: string
  /** Events in each history: int64 `[B]`, within `1..L`. */
  readonly lengths: string
}

const GELU_SCALE = Math.sqrt(2 / Math.PI)
const GELU_CUBE = 0.044715

/**
 * Creates the network's operations as a recorder: a value is the name of a node's output of shape `[B, L, D]`.
 */
export function createOnnxOps(
  graph: OnnxGraph,
  {
    parameters,
    batch,
    dim,
  }: { readonly parameters: Parameters; readonly batch: OnnxBatch; readonly dim: number },
): Ops<string> {
  const { node, nodes, integers, scalar } = graph
  const length = node('Gather', [node('Shape', [batch.itemVectors]), integers(1)])
  const steps = node('Range', [integers(0), length, integers(1)]) // [L]
  const oldest = node('Sub', [length, batch.lengths]) // [B]
  const query = node('Unsqueeze', [steps, integers([1])]) // [L, 1]
  const key = node('Unsqueeze', [steps, integers([0])]) // [1, L]
  const isEvent = node('GreaterOrEqual', [key, node('Unsqueeze', [oldest, integers([1])])]) // [B, L]
  const visible = node('And', [
    node('LessOrEqual', [key, query]),
    node('Unsqueeze', [isEvent, integers([1, 2])]),
  ]) // [B, 1, L, L]

  return {
    parameter: (name) => {
      const parameter = parameters.get(name)
      if (parameter === undefined) throw new Error(`internal: no parameter '${name}'`)
      return graph.floats(name, parameter.values, parameter.shape)
    },
    add: (a, b) => node('Add', [a, b]),
    scale: (x, factor) => node('Mul', [x, scalar(factor)]),
    matMul: (x, weight) => node('MatMul', [x, weight]),
    layerNorm: (x, gain, bias) =>
      node('LayerNormalization', [x, gain, bias], { axis: -1, epsilon: { float: 1e-6 } }),
    relu: (x) => node('Relu', [x]),
    gelu: (x) => {
      const square = node('Mul', [x, x])
      const slope = node('Add', [
        node('Mul', [square, scalar(GELU_SCALE * GELU_CUBE)]),
        scalar(GELU_SCALE),
      ])
      const curve = node('Add', [node('Tanh', [node('Mul', [x, slope])]), scalar(1)])
      return node('Mul', [node('Mul', [x, scalar(0.5)]), curve])
    },
    dropout: (x) => x,
    positions: (table) =>
      node('Gather', [table, node('Sub', [node('Sub', [length, integers(1)]), steps])]),
    causalAttention: (qkv, numHeads) => {
      const size = dim / numHeads
      const parts = nodes('Split', [qkv, integers([dim, dim, dim])], {
        outputs: 3,
        attributes: { axis: 2 },
      })
      const [q, k, v] = parts.map((part) =>
        node('Reshape', [part, integers([0, 0, numHeads, size])]),
      ) as [string, string, string]
      const products = node('MatMul', [
        node('Transpose', [q], { perm: [0, 2, 1, 3] }),
        node('Transpose', [k], { perm: [0, 2, 3, 1] }),
      ]) // [B, H, L, L]
      const scores = node('Mul', [products, scalar(1 / Math.sqrt(size))])
      const shares = node('Softmax', [node('Where', [visible, scores, scalar(-1e9)])], { axis: -1 })
      const attended = node('MatMul', [shares, node('Transpose', [v], { perm: [0, 2, 1, 3] })])
      return node('Reshape', [
        node('Transpose', [attended], { perm: [0, 2, 1, 3] }),
        integers([0, 0, dim]),
      ])
    },
  }
}
