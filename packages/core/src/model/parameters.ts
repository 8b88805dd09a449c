import { createRng, hash32 } from '../random.ts'
import type { EncoderConfig } from './config.ts'
import { NUM_SEASONS, NUM_TIME_BUCKETS, NUM_WEEKDAYS } from './token-keys.ts'

/** One weight of the network: row-major values and their shape. */
export interface Parameter {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Every weight of the network but the item table, by name. */
export type Parameters = ReadonlyMap<string, Parameter>

/** Returns the names and shapes of all weights, in a fixed order. */
export function parameterShapes(config: EncoderConfig): Map<string, readonly number[]> {
  const { dim, block, numBlocks, maxLength, feedForwardDim, timeFeatures } = config
  const shapes = new Map<string, readonly number[]>([['positions', [maxLength, dim]]])
  if (timeFeatures.includes('gap')) shapes.set('gaps', [NUM_TIME_BUCKETS, dim])
  if (timeFeatures.includes('calendar')) {
    shapes.set('weekdays', [NUM_WEEKDAYS, dim]).set('seasons', [NUM_SEASONS, dim])
  }
  const norm = (name: string): void => {
    shapes.set(`${name}.gain`, [dim]).set(`${name}.bias`, [dim])
  }
  const dense = (name: string, inputs: number, outputs: number): void => {
    shapes.set(`${name}.weight`, [inputs, outputs]).set(`${name}.bias`, [outputs])
  }
  const linear = (name: string, inputs: number, outputs: number): void => {
    shapes.set(`${name}.weight`, [inputs, outputs])
  }
  for (let b = 0; b < numBlocks; b++) {
    const attention = `blocks.${b}.attention`
    const feedForward = `blocks.${b}.feedForward`
    norm(`${attention}.norm`)
    if (block === 'hstu') {
      linear(`${attention}.gate`, dim, dim)
      linear(`${attention}.input`, dim, 3 * dim)
      shapes.set(`${attention}.positionBias`, [maxLength, 1])
      shapes.set(`${attention}.timeBias`, [NUM_TIME_BUCKETS, 1])
      norm(`${attention}.outputNorm`)
      dense(`${attention}.output`, dim, dim)
      continue
    }
    dense(`${attention}.input`, dim, 3 * dim)
    dense(`${attention}.output`, dim, dim)
    norm(`${feedForward}.norm`)
    if (block === 'ligr') {
      dense(`${attention}.gate`, dim, dim)
      linear(`${feedForward}.input`, dim, feedForwardDim)
      linear(`${feedForward}.linear`, dim, feedForwardDim)
      linear(`${feedForward}.output`, feedForwardDim, dim)
      dense(`${feedForward}.gate`, dim, dim)
    } else {
      dense(`${feedForward}.input`, dim, feedForwardDim)
      dense(`${feedForward}.output`, feedForwardDim, dim)
    }
  }
  norm('output.norm')
  return shapes
}

/** Returns freshly initialised weights; see {@link initParameters}. */
export function createParameters(config: EncoderConfig, seed: number): Parameters {
  return initParameters(parameterShapes(config), seed)
}

/** Returns weights by their names: gains 1, biases 0, matrices Xavier-normal, tables like item vectors. */
export function initParameters(
  shapes: ReadonlyMap<string, readonly number[]>,
  seed: number,
): Parameters {
  const parameters = new Map<string, Parameter>()
  let stream = 0
  for (const [name, shape] of shapes) {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1))
    const [inputs = 1, outputs = 1] = shape
    if (name.endsWith('.gain')) values.fill(1)
    else if (!name.endsWith('.weight') && shape.length === 2)
      fillNormal(values, ITEM_DEVIATION, seed, ++stream)
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
