import type { ItemChanges } from '@perennial/core'

/** Returns what is known of an item after changes; what is known already when they are older. */
export function mergeChanges(known: ItemChanges | undefined, changes: ItemChanges): ItemChanges {
  if (known === undefined) return changes
  if (changes.asOfMs < known.asOfMs) return known
  const isPriced = changes.price !== undefined || changes.stock !== undefined
  const wasPriced = known.price !== undefined || known.stock !== undefined
  // What says nothing of price and stock does not make them younger.
  const pricedAsOfMs = isPriced || !wasPriced ? undefined : (known.pricedAsOfMs ?? known.asOfMs)
  const attributes = { ...known.attributes, ...changes.attributes }
  // A field that the changes leave out must not hide what is known.
  const given = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  )
  const { pricedAsOfMs: _, ...rest } = known
  return {
    ...rest,
    ...(given as unknown as ItemChanges),
    ...(pricedAsOfMs === undefined ? {} : { pricedAsOfMs }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  }
}
