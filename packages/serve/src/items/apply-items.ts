import { setImmediate } from 'node:timers/promises'
import { checkItemBatch } from '@perennial/core'
import type { ItemUpdateResult } from '../item-update.ts'
import type { ServedModel } from '../served-model.ts'
import type { StoredItem } from './item-store.ts'

/** The parts of a model that know of items. */
export type ItemParts = Pick<
  ServedModel,
  'attributes' | 'numArtifactItems' | 'newItemVectors' | 'lifecycle'
>

/** Work after which the event loop gets its turn, in milliseconds: placing an item looks at the whole catalogue. */
const SLICE_MS = 2

/**
 * Makes a model know what a shop says of its items; each item whole or not at all, one call at a time.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` where an attribute is of another kind than in other items.
 */
export async function applyItems(
  { attributes, numArtifactItems, newItemVectors, lifecycle }: ItemParts,
  items: readonly StoredItem[],
): Promise<ItemUpdateResult> {
  const counts = { updated: 0, added: 0, outdated: 0, vectors: { category: 0, none: 0 } }
  let sinceMs = performance.now()
  for (const { itemId, changes } of items) {
    if (performance.now() - sinceMs > SLICE_MS) {
      await setImmediate()
      sinceMs = performance.now()
    }
    // First of all: an item that was added must not be left without its place in the index.
    checkItemBatch(attributes, [changes], 'items')
    const known = attributes.rowOf(itemId)
    const itemRow = known ?? attributes.addItem(itemId)
    if (!attributes.update(itemRow, changes)) {
      counts.outdated++
      continue
    }
    if (known === undefined) counts.added++
    else counts.updated++
    // A new item moves with its category; one of the artifact keeps what was learned.
    if (itemRow <= numArtifactItems) continue
    if (known !== undefined && changes.categoryPath === undefined) continue
    const way = newItemVectors.place(itemRow)
    if (known === undefined) counts.vectors[way]++
    lifecycle?.addItem(itemRow, attributes.categoryPathOf(itemRow))
  }
  return counts
}
