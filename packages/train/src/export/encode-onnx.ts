import { type EncoderConfig, encodeSequences, type Parameters } from '@perennial/core'
import { createOnnxGraph, type OnnxValue } from './onnx-graph.ts'
import { createOnnxOps } from './onnx-ops.ts'

/**
 * Returns the network as an ONNX model, recorded from its one definition.
 *
 * Inputs: `item_vectors` float32 `[batch, length, dim]`, looked up by the caller, the newest event last and
 * zeros before the oldest; `lengths` int64 `[batch]`, events in each history, at least 1. Output: `query`
 * float32 `[batch, dim]`. `length` is free up to the configuration's `maxLength`. The item table is not
 * inside, so the file stays small.
 */
export function encodeOnnx(parameters: Parameters, config: EncoderConfig): Uint8Array {
  const graph = createOnnxGraph()
  const batch = { itemVectors: 'item_vectors', lengths: 'lengths' }
  const ops = createOnnxOps(graph, { parameters, batch, dim: config.dim })
  const hidden = encodeSequences(ops, batch.itemVectors, config)
  graph.name(graph.node('Gather', [hidden, graph.integers(-1)], { axis: 1 }), 'query')
  const inputs: OnnxValue[] = [
    { name: batch.itemVectors, type: 'float32', shape: ['batch', 'length', config.dim] },
    { name: batch.lengths, type: 'int64', shape: ['batch'] },
  ]
  return graph.encode(inputs, [{ name: 'query', type: 'float32', shape: ['batch', config.dim] }])
}
