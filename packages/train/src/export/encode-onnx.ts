import { type EncoderConfig, encodeSequences, type Parameters } from '@perennial/core'
import { createOnnxGraph, type OnnxValue } from './onnx-graph.ts'
import { createOnnxOps } from './onnx-ops.ts'

/**
 * Returns the network as an ONNX model, recorded from its one definition.
 *
 * Inputs: `item_vectors` float32 `[batch, length, dim]`, looked up by the caller, the newest event last and
 * zeros before the oldest; `lengths` int64 `[batch]`, events in each history, at least 1. A network that uses times
 * (block `hstu`, or any `timeFeatures`) has two more, in whole seconds since 1970 UTC: `event_seconds` int64
 * `[batch, length]`, 0 before the oldest, and `asked_seconds` int64 `[batch]`, the time of the question. Output:
 * `query` float32 `[batch, dim]`. `length` is free up to the configuration's `maxLength`. The item table is not
 * inside, so the file stays small.
 */
export function encodeOnnx(parameters: Parameters, config: EncoderConfig): Uint8Array {
  const graph = createOnnxGraph()
  const batch = {
    itemVectors: 'item_vectors',
    lengths: 'lengths',
    eventSeconds: 'event_seconds',
    askedSeconds: 'asked_seconds',
  }
  const ops = createOnnxOps(graph, { parameters, batch, config })
  const hidden = encodeSequences(ops, batch.itemVectors, config)
  graph.name(graph.node('Gather', [hidden, graph.integers(-1)], { axis: 1 }), 'query')
  const inputs: OnnxValue[] = [
    { name: batch.itemVectors, type: 'float32', shape: ['batch', 'length', config.dim] },
    { name: batch.lengths, type: 'int64', shape: ['batch'] },
  ]
  if (config.block === 'hstu' || config.timeFeatures.length > 0) {
    inputs.push(
      { name: batch.eventSeconds, type: 'int64', shape: ['batch', 'length'] },
      { name: batch.askedSeconds, type: 'int64', shape: ['batch'] },
    )
  }
  return graph.encode(inputs, [{ name: 'query', type: 'float32', shape: ['batch', config.dim] }])
}
