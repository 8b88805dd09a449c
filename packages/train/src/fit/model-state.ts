import {
  createItemTable,
  createParameters,
  type EncoderConfig,
  hash32,
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
  /**
   * Shape `[numItems + 1, dim]`; row 0 is padding and zero. With untied output embeddings as many rows follow: those
   * that queries are compared with.
   */
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
          itemTable: createTables(encoder, numItems, seed),
        }
      : copyWeights(initial)
  if (itemTable.length !== numRows(encoder, numItems) * encoder.dim) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected initial item vectors of ${numRows(encoder, numItems)} rows of ${encoder.dim}, got ${itemTable.length} values.`,
    )
  }
  return addMoments({ parameters, itemTable: shareFloats(itemTable) })
}

/** Item tables of a network: one, or one to read and one to compare queries with. */
export function numTables({ outputEmbeddings }: Pick<EncoderConfig, 'outputEmbeddings'>): number {
  return outputEmbeddings === 'tied' ? 1 : 2
}

/** Returns the row of the item table that holds the output vector of item row 0 (padding); that of item `i` is `i` further. */
export function firstOutputRow(
  encoder: Pick<EncoderConfig, 'outputEmbeddings'>,
  numItems: number,
): number {
  return (numTables(encoder) - 1) * (numItems + 1)
}

function numRows(encoder: EncoderConfig, numItems: number): number {
  return numTables(encoder) * (numItems + 1)
}

function createTables(encoder: EncoderConfig, numItems: number, seed: number): Float32Array {
  const input = createItemTable(numItems, encoder.dim, seed)
  if (encoder.outputEmbeddings === 'tied') return input
  const both = new Float32Array(2 * input.length)
  both.set(input)
  both.set(createItemTable(numItems, encoder.dim, hash32(seed, STREAM_OUTPUT)), input.length)
  return both
}

const STREAM_OUTPUT = 23

/** Returns weights that are all zero, to be read into; the item table is shared. */
export function createEmptyWeights(encoder: EncoderConfig, numItems: number): Weights {
  return {
    parameters: new Map(
      Array.from(parameterShapes(encoder), ([name, shape]) => {
        const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
        return [name, { shape, values }]
      }),
    ),
    itemTable: allocateShared(numRows(encoder, numItems) * encoder.dim),
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
