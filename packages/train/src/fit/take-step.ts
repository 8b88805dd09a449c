import { RecommenderError } from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import { applyAdam, applyAdamToRows } from './adam.ts'
import type { ModelState } from './model-state.ts'
import type { PreparedBatch } from './training-batches.ts'

/** Options of {@link takeStep}. */
export interface StepOptions {
  readonly engine: Engine
  /** Length of item vectors. */
  readonly dim: number
  readonly learningRate: number
  /** 1-based count of steps. */
  readonly step: number
}

/**
 * Takes one step: gathers the item vectors that the batch uses, has the engine compute gradients, and
 * updates `state` in place.
 *
 * @returns The loss before the update.
 * @throws {@link RecommenderError} `TRAINING_DIVERGED` if the loss is not finite.
 */
export function takeStep(
  state: ModelState,
  { itemRows, batch }: PreparedBatch,
  { engine, dim, learningRate, step }: StepOptions,
): number {
  const vectors = new Float32Array(itemRows.length * dim)
  itemRows.forEach((row, i) => {
    vectors.set(state.itemTable.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  const { loss, gradients, itemGradients } = engine.computeGradients(
    state.parameters,
    vectors,
    batch,
  )
  if (!Number.isFinite(loss)) {
    throw new RecommenderError(
      'TRAINING_DIVERGED',
      `Expected a finite loss, got ${loss} at step ${step} with learning rate ${learningRate}. Try a smaller \`learningRate\`.`,
    )
  }
  const options = { learningRate, step }
  for (const [name, { values }] of state.parameters) {
    const moments = state.moments.get(name)
    const gradient = gradients.get(name)
    if (moments === undefined || gradient === undefined)
      throw new Error(`internal: no gradient of '${name}'`)
    applyAdam(values, gradient, moments, options)
  }
  applyAdamToRows(
    state.itemTable,
    { rows: itemRows, gradients: itemGradients, moments: state.itemMoments, dim },
    options,
  )
  return loss
}
