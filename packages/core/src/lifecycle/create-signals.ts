import { createCategorySignals } from './category-signals.ts'
import type { CategoryTree } from './category-tree.ts'
import { createLinkSignals, type LinkTables } from './link-signals.ts'
import { createNeighborSignals } from './neighbor-signals.ts'
import type { Signal } from './signal.ts'
import type { LifecycleState } from './state.ts'

/** What signals are made of beside the state. */
export interface SignalSources {
  readonly links: LinkTables
  readonly categories: CategoryTree
}

/** Returns all signals that training and serving share, in the order of their features. */
export function createSignals(
  { population, items }: LifecycleState,
  { links, categories }: SignalSources,
): Signal[] {
  return [
    ...createNeighborSignals(population),
    ...createLinkSignals(links),
    ...createCategorySignals(items, categories),
  ]
}
