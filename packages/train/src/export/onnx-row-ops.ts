import type { Parameters, RowOps } from '@perennial/core'
import type { OnnxGraph } from './onnx-graph.ts'

/**
 * Creates the operations that stay within a row as a recorder: a value is the name of a node's output.
 *
 * @param prefix - In front of the names of weights, so that several networks fit into one graph.
 */
export function createOnnxRowOps(
  { node, floats }: OnnxGraph,
  parameters: Parameters,
  prefix = '',
): RowOps<string> {
  return {
    parameter: (name) => {
      const parameter = parameters.get(name)
      if (parameter === undefined) throw new Error(`internal: no parameter '${name}'`)
      return floats(`${prefix}${name}`, parameter.values, parameter.shape)
    },
    add: (a, b) => node('Add', [a, b]),
    matMul: (x, weight) => node('MatMul', [x, weight]),
    relu: (x) => node('Relu', [x]),
    dropout: (x) => x,
  }
}
