import { type Accessory, dayOf, type History, type OwnedItem } from '@perennial/core'
import type { ServedModel } from './served-model.ts'

/** Accessories of one category looked at, the most popular first. */
const MAX_OF_CATEGORY = 20

/**
 * Returns accessories of the durables that a customer bought lately, by item row; the newest purchase counts.
 *
 * An accessory is offered for as many days after the purchase as training found or the merchant set.
 */
export function findOwnAccessories(
  { lifecycle, attributes, popular }: Pick<ServedModel, 'lifecycle' | 'attributes' | 'popular'>,
  { itemRows, timestampMs, asOfMs }: History,
): Map<number, OwnedItem> {
  const found = new Map<number, OwnedItem>()
  const records = lifecycle?.customers?.durability?.items
  if (records === undefined) return found
  const today = dayOf(asOfMs)
  const owned = new Set(itemRows)
  // Oldest first, so that the newest purchase of an item is the one that is kept.
  const newest = new Map<number, number>()
  itemRows.forEach((ownedRow, i) => {
    newest.delete(ownedRow)
    newest.set(ownedRow, dayOf(timestampMs[i] as number))
  })
  newest.forEach((day, ownedRow) => {
    const record = records[ownedRow]
    if (record === undefined || today - day > record.accessoryDays) return
    for (const accessory of record.accessories)
      for (const itemRow of rowsOf(accessory))
        if (!owned.has(itemRow)) found.set(itemRow, { ownedRow, day })
  })
  return found

  function rowsOf(accessory: Accessory): readonly number[] {
    if ('itemRow' in accessory) return [accessory.itemRow]
    const { categoryPath } = accessory
    const rows: number[] = []
    const { numItems } = attributes
    for (const itemRow of popular.best(1000, { allowed: undefined, numItems })) {
      if (rows.length === MAX_OF_CATEGORY) break
      const path = attributes.categoryPathOf(itemRow)
      if (categoryPath.every((level, depth) => path[depth] === level)) rows.push(itemRow)
    }
    return rows
  }
}
