import { createItemTable, createParameters, type Parameter, type Parameters } from '@perennial/core'
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

/** Returns the state of a run before its first step. */
export function createModelState({ encoder, seed }: FitConfig, numItems: number): ModelState {
  const parameters = createParameters(encoder, seed)
  const itemTable = createItemTable(numItems, encoder.dim, seed)
  return {
    parameters,
    itemTable,
    moments: new Map(
      [...parameters].map(([name, { values }]) => [name, createMoments(values.length)]),
    ),
    itemMoments: createMoments(itemTable.length),
  }
}

/** Returns a copy of the weights that later steps do not change. */
export function copyWeights({ parameters, itemTable }: Weights): Weights {
  const copy = ({ shape, values }: Parameter): Parameter => ({ shape, values: values.slice() })
  return {
    parameters: new Map([...parameters].map(([name, parameter]) => [name, copy(parameter)])),
    itemTable: itemTable.slice(),
  }
}
