import { createNeighborSignals, type Signal } from '@perennial/core'
import type { Past } from '@perennial/train'

/** Returns all that scores items for a customer, learned from what is known at a cut. */
export function createSignals({ state }: Past): Signal[] {
  return createNeighborSignals(state.population)
}
