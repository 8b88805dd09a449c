import { checkItemBatch, type ItemChanges } from '@perennial/core'
import type { ItemUpdateResult } from '../item-update.ts'
import { createPause } from '../pause.ts'
import type { ServedModel } from '../served-model.ts'
import type { StoredItem } from './item-store.ts'

/** The parts of a model that know of items. */
export type ItemParts = Pick<
  ServedModel,
  'attributes' | 'numArtifactItems' | 'trainedUntilMs' | 'newItemVectors' | 'lifecycle'
>

/**
 * Makes a model know what a shop says of its items; each item whole or not at all, one call at a time.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` where an attribute is of another kind than in other items.
 */
export async function applyItems(
  { attributes, numArtifactItems, trainedUntilMs, newItemVectors, lifecycle }: ItemParts,
  items: readonly StoredItem[],
): Promise<ItemUpdateResult> {
  const counts = { updated: 0, added: 0, outdated: 0, vectors: { category: 0, none: 0 } }
  // Placing an item looks at the whole catalogue.
  const pause = createPause()
  for (const { itemId, changes: given } of items) {
    await pause()
    const itsRow = attributes.rowOf(itemId) ?? Infinity
    const changes = itsRow <= numArtifactItems ? withoutOlder(given, trainedUntilMs) : given
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

/** Returns changes without what an artifact knows from later: it was trained after they were made. */
function withoutOlder(changes: ItemChanges, trainedUntilMs: number): ItemChanges {
  const { title, categoryPath, price, ...rest } = changes
  const { asOfMs, pricedAsOfMs = asOfMs } = rest
  return {
    ...rest,
    ...(asOfMs < trainedUntilMs ? {} : { title, categoryPath }),
    ...(pricedAsOfMs < trainedUntilMs ? {} : { price }),
  }
}
