import { checkItemChanges, type ItemChanges } from '@perennial/core'
import type { ItemUpdate } from './item-update.ts'
import { checkId, checkObject, readTimestamp } from './read-value.ts'

/** A checked {@link ItemUpdate}. */
export interface CheckedItemUpdate {
  readonly itemId: string
  readonly changes: ItemChanges
}

/**
 * Checks an item update that came from outside.
 *
 * @param path - Where it stands, for messages.
 * @param nowMs - When price and stock are known to be so if the update does not say.
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the field.
 */
export function readItemUpdate(update: ItemUpdate, path: string, nowMs: number): CheckedItemUpdate {
  checkObject(path, update)
  const { itemId, asOf, ...rest } = update
  checkId(`${path}.itemId`, itemId)
  const asOfMs = asOf === undefined ? nowMs : readTimestamp(`${path}.asOf`, asOf)
  const changes = { ...rest, asOfMs }
  checkItemChanges(changes, path)
  return { itemId, changes }
}
