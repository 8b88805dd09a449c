import type { ItemChanges } from '@perennial/core'

/** Returns what is known of an item after changes; what is known already when they are older. */
export function mergeChanges(known: ItemChanges | undefined, changes: ItemChanges): ItemChanges {
  if (known === undefined) return changes
  if (changes.asOfMs < known.asOfMs) return known
  const attributes = { ...known.attributes, ...changes.attributes }
  // A field that the changes leave out must not hide what is known.
  const given = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  )
  return {
    ...known,
    ...(given as unknown as ItemChanges),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  }
}
