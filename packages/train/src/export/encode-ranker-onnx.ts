import { NUM_TIME_BINS, scoreRows } from '@perennial/core'
import type { Ranker } from '../ranker/fit-ranker.ts'
import type { Timing } from '../ranker/fit-timing.ts'
import { createOnnxGraph } from './onnx-graph.ts'
import { createOnnxRowOps } from './onnx-row-ops.ts'

/**
 * Returns ranker and timing as one ONNX model, recorded from the one definition of their networks.
 *
 * Input: `features` float32 `[rows, features]`, standardised. Outputs: `score` float32 `[rows, 1]`, the mean over members;
 * `time_probabilities` float32 `[rows, bins]`, one for each of `TIME_EDGES`, their sum 1.
 */
export function encodeRankerOnnx(
  { config, members }: Pick<Ranker, 'config' | 'members'>,
  timing: Pick<Timing, 'config' | 'parameters'>,
): Uint8Array {
  const graph = createOnnxGraph()
  const { node } = graph
  const scores = members.map((parameters, m) =>
    scoreRows(createOnnxRowOps(graph, parameters, `members.${m}.`), 'features', config),
  )
  const sum = scores.reduce((a, b) => node('Add', [a, b]))
  graph.name(node('Mul', [sum, graph.scalar(1 / members.length)]), 'score')
  const bins = scoreRows(
    createOnnxRowOps(graph, timing.parameters, 'timing.'),
    'features',
    timing.config,
  )
  graph.name(node('Softmax', [bins], { axis: -1 }), 'time_probabilities')
  return graph.encode(
    [{ name: 'features', type: 'float32', shape: ['rows', config.numFeatures] }],
    [
      { name: 'score', type: 'float32', shape: ['rows', 1] },
      { name: 'time_probabilities', type: 'float32', shape: ['rows', NUM_TIME_BINS] },
    ],
  )
}
