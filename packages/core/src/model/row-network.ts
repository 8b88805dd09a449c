import { checkInteger, checkNumber } from '../errors.ts'
import type { Ops } from './ops.ts'
import { initParameters, type Parameters } from './parameters.ts'

/** Shape of a network that sees one row of features at a time. */
export interface RowNetworkConfig {
  /** Features of a row. */
  readonly numFeatures: number
  /** Widths of the hidden layers; none makes the network linear. */
  readonly hidden: readonly number[]
  readonly numOutputs: number
  /** Share of hidden values dropped in training, `0..0.9`. */
  readonly dropout: number
}

/** The operations of {@link Ops} that stay within a row. */
export type RowOps<T> = Pick<Ops<T>, 'parameter' | 'add' | 'matMul' | 'relu' | 'dropout'>

/**
 * Returns the outputs of each row: `W_n relu(... relu(x W_0 + b_0) ...) + b_n + x S`, a multilayer perceptron with a
 * linear skip.
 *
 * Written once, as `encodeSequences`: training differentiates it, the exporter records it as ONNX.
 *
 * @param features - Standardised features: shape `[N, numFeatures]`.
 * @returns Shape `[N, numOutputs]`.
 */
export function scoreRows<T>(
  ops: RowOps<T>,
  features: T,
  { hidden, dropout }: Pick<RowNetworkConfig, 'hidden' | 'dropout'>,
): T {
  const dense = (x: T, name: string): T =>
    ops.add(ops.matMul(x, ops.parameter(`${name}.weight`)), ops.parameter(`${name}.bias`))
  const linear = dense(features, 'skip') // [N, O]
  if (hidden.length === 0) return linear
  let x = features
  for (let n = 0; n < hidden.length; n++)
    x = ops.dropout(ops.relu(dense(x, `hidden.${n}`)), dropout) // [N, H]
  return ops.add(ops.matMul(x, ops.parameter('output.weight')), linear) // [N, O]
}

/** Returns the names and shapes of the network's weights, in a fixed order. */
export function rowParameterShapes({
  numFeatures,
  hidden,
  numOutputs,
}: RowNetworkConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>([
    ['skip.weight', [numFeatures, numOutputs]],
    ['skip.bias', [numOutputs]],
  ])
  let inputs = numFeatures
  for (const [n, outputs] of hidden.entries()) {
    shapes.set(`hidden.${n}.weight`, [inputs, outputs]).set(`hidden.${n}.bias`, [outputs])
    inputs = outputs
  }
  if (hidden.length > 0) shapes.set('output.weight', [inputs, numOutputs])
  return shapes
}

/** Returns freshly initialised weights: the skip zero, so that training begins with what the layers find. */
export function createRowParameters(config: RowNetworkConfig, seed: number): Parameters {
  const parameters = initParameters(rowParameterShapes(config), seed)
  parameters.get('skip.weight')?.values.fill(0)
  return parameters
}

/**
 * Checks a configuration.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 */
export function checkRowNetworkConfig(config: RowNetworkConfig): RowNetworkConfig {
  checkInteger('numFeatures', config.numFeatures, 1)
  for (const width of config.hidden) checkInteger('hidden', width, 1, 4096)
  checkInteger('numOutputs', config.numOutputs, 1)
  checkNumber('dropout', config.dropout, 0, 0.9)
  return config
}
