import {
  createItemTable,
  createParameters,
  type EncoderConfig,
  type Parameter,
  type Parameters,
  parameterShapes,
  RecommenderError,
} from '@perennial/core'
import { createMoments, type Moments } from './adam.ts'
import type { FitConfig } from './options.ts'

/** Weights of the network and the item table: all that scoring needs. */
export interface Weights {
  readonly parameters: Parameters
  /** Shape `[numItems + 1, dim]`; row 0 is padding and zero. */
  readonly itemTable: Float32Array
}

/** Weights with the optimiser's moments, all updated in place by training. */
export interface ModelState extends Weights {
  readonly moments: ReadonlyMap<string, Moments>
  readonly itemMoments: Moments
}

/**
 * Returns the state of a run before its first step.
 *
 * @param initial - Weights to start from; copied. @defaultValue random ones by the seed
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the initial weights are of another network or catalogue.
 */
export function createModelState(
  { encoder, seed }: FitConfig,
  numItems: number,
  initial?: Weights,
): ModelState {
  const { parameters, itemTable } =
    initial === undefined
      ? {
          parameters: createParameters(encoder, seed),
          itemTable: createItemTable(numItems, encoder.dim, seed),
        }
      : copyWeights(initial)
  if (itemTable.length !== (numItems + 1) * encoder.dim) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected initial item vectors of ${numItems + 1} rows of ${encoder.dim}, got ${itemTable.length} values.`,
    )
  }
  return addMoments({ parameters, itemTable: shareFloats(itemTable) })
}

/** Returns weights that are all zero, to be read into; the item table is shared. */
export function createEmptyWeights(encoder: EncoderConfig, numItems: number): Weights {
  return {
    parameters: new Map(
      Array.from(parameterShapes(encoder), ([name, shape]) => {
        const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
        return [name, { shape, values }]
      }),
    ),
    itemTable: allocateShared((numItems + 1) * encoder.dim),
  }
}

/** Returns a state that is all zero, to be read into. */
export function createEmptyState(encoder: EncoderConfig, numItems: number): ModelState {
  return addMoments(createEmptyWeights(encoder, numItems))
}

function addMoments({ parameters, itemTable }: Weights): ModelState {
  return {
    parameters,
    itemTable,
    moments: new Map(
      [...parameters].map(([name, { values }]) => [name, createMoments(values.length)]),
    ),
    itemMoments: {
      mean: allocateShared(itemTable.length),
      square: allocateShared(itemTable.length),
    },
  }
}

/** Returns zeros that threads can share. */
export function allocateShared(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length))
}

/** Returns the array itself where threads can share it, else a copy that they can. */
export function shareFloats(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = allocateShared(values.length)
  shared.set(values)
  return shared
}

/** Returns a copy of the weights that later steps do not change. */
export function copyWeights({ parameters, itemTable }: Weights): Weights {
  const copy = ({ shape, values }: Parameter): Parameter => ({ shape, values: values.slice() })
  return {
    parameters: new Map([...parameters].map(([name, parameter]) => [name, copy(parameter)])),
    itemTable: itemTable.slice(),
  }
}
