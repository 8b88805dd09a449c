import type { ItemAttributes } from './item-attributes.ts'
import type { HardConstraints } from './judge-candidates.ts'
import type { PromotedItem } from './ranking-policy.ts'

/** Why a promoted item is not in a list. */
export interface SkippedPromotion {
  readonly itemId: string
  /** `beyond-list`: its place is beyond the most items wanted. */
  readonly cause: 'unknown' | 'excluded' | 'filtered' | 'unavailable' | 'beyond-list'
}

/** Promoted items that may stand in a list, and the others. */
export interface PlacedPromotions {
  /** Item rows by 1-based place, the first place first. */
  readonly placed: ReadonlyMap<number, number>
  readonly skipped: readonly SkippedPromotion[]
}

/** Finds which promoted items the hard constraints allow; budget, relevance and durables of the customer do not matter. */
export function placePromoted(
  promoted: readonly PromotedItem[],
  {
    hard,
    attributes,
    k,
  }: { readonly hard: HardConstraints; readonly attributes: ItemAttributes; readonly k: number },
): PlacedPromotions {
  const placed = new Map<number, number>()
  const skipped: SkippedPromotion[] = []
  for (const { itemId, slot } of promoted.toSorted((a, b) => a.slot - b.slot)) {
    const itemRow = attributes.rowOf(itemId)
    const cause =
      itemRow === undefined ? 'unknown' : slot > k ? 'beyond-list' : causeAgainst(hard, itemRow)
    if (cause === undefined) placed.set(slot, itemRow as number)
    else skipped.push({ itemId, cause })
  }
  return { placed, skipped }
}

/**
 * Puts promoted items at their places among the others, which keep their order. Where the list is shorter than a place,
 * the item comes last.
 *
 * @param promoted - By 1-based place, the first place first.
 */
export function insertPromoted<T>(items: readonly T[], promoted: ReadonlyMap<number, T>): T[] {
  const list = [...items]
  for (const [slot, item] of promoted) list.splice(slot - 1, 0, item)
  return list
}

function causeAgainst(
  hard: HardConstraints,
  itemRow: number,
): 'excluded' | 'filtered' | 'unavailable' | undefined {
  if (hard.isExcluded(itemRow)) return 'excluded'
  if (hard.isFiltered(itemRow)) return 'filtered'
  return hard.isUnavailable(itemRow) ? 'unavailable' : undefined
}
