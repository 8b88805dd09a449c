import { createRng, hash32 } from '../random.ts'
import type { EncoderConfig } from './config.ts'

/** One weight of the network: row-major values and their shape. */
export interface Parameter {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Every weight of the network but the item table, by name. */
export type Parameters = ReadonlyMap<string, Parameter>

/** Returns the names and shapes of all weights, in a fixed order. */
export function parameterShapes(config: EncoderConfig): Map<string, readonly number[]> {
  const { dim, numBlocks, maxLength, feedForwardDim } = config
  const shapes = new Map<string, readonly number[]>([['positions', [maxLength, dim]]])
  const norm = (name: string): void => {
    shapes.set(`${name}.gain`, [dim]).set(`${name}.bias`, [dim])
  }
  const dense = (name: string, inputs: number, outputs: number): void => {
    shapes.set(`${name}.weight`, [inputs, outputs]).set(`${name}.bias`, [outputs])
  }
  for (let b = 0; b < numBlocks; b++) {
    norm(`blocks.${b}.attention.norm`)
    dense(`blocks.${b}.attention.input`, dim, 3 * dim)
    dense(`blocks.${b}.attention.output`, dim, dim)
    norm(`blocks.${b}.feedForward.norm`)
    dense(`blocks.${b}.feedForward.input`, dim, feedForwardDim)
    dense(`blocks.${b}.feedForward.output`, feedForwardDim, dim)
  }
  norm('output.norm')
  return shapes
}

/** Returns freshly initialised weights: gains 1, biases 0, matrices Xavier-normal, positions like item vectors. */
export function createParameters(config: EncoderConfig, seed: number): Parameters {
  const parameters = new Map<string, Parameter>()
  let stream = 0
  for (const [name, shape] of parameterShapes(config)) {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1))
    const [inputs = 1, outputs = 1] = shape
    if (name.endsWith('.gain')) values.fill(1)
    else if (name === 'positions') fillNormal(values, ITEM_DEVIATION, seed, ++stream)
    else if (shape.length === 2)
      fillNormal(values, Math.sqrt(2 / (inputs + outputs)), seed, ++stream)
    parameters.set(name, { shape, values })
  }
  return parameters
}

/**
 * Returns a freshly initialised item table: shape `[numItems + 1, dim]`, normal with deviation 0.02, row 0 (padding) zero.
 */
export function createItemTable(numItems: number, dim: number, seed: number): Float32Array {
  const table = new Float32Array((numItems + 1) * dim)
  fillNormal(table.subarray(dim), ITEM_DEVIATION, seed, 0)
  return table
}

const ITEM_DEVIATION = 0.02

function fillNormal(values: Float32Array, deviation: number, seed: number, stream: number): void {
  const rng = createRng(hash32(seed, 0x696e6974, stream))
  for (let i = 0; i < values.length; i++) values[i] = deviation * rng.nextNormal()
}
