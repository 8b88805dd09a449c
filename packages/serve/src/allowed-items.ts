import {
  dayOf,
  type Filter,
  type History,
  lastingPurchases,
  suppressedItems,
} from '@perennial/core'
import type { Availability } from './items/availability.ts'
import type { Question } from './read-request.ts'
import type { RecommendResponse } from './recommendation.ts'
import type { ServedModel } from './served-model.ts'

/** Which items a question allows, and how many each condition left. */
export interface AllowedItems {
  /** Shape `[numItems + 1]`, 0 for items left out; `undefined` when every item is allowed. Read it only. */
  readonly allowed: Uint8Array | undefined
  /** What can be sold, where nothing else limits the items. */
  readonly onlyBy: Availability | undefined
  readonly counts: Omit<RecommendResponse['candidates'], 'ranked' | 'policy'>
}

/** What limits the items of an answer whatever the customer. */
export interface ItemConditions {
  readonly exclude?: readonly string[] | undefined
  readonly filter?: Filter | undefined
  /** 1 for items left out for the customer's sake. */
  readonly suppressed?: Uint8Array | undefined
}

/** Resolves conditions, and what the shop can sell at a time, to flags by item row. */
export function findAllowedItems(
  {
    attributes,
    availability,
    filters,
  }: Pick<ServedModel, 'attributes' | 'availability' | 'filters'>,
  { exclude = [], filter, suppressed }: ItemConditions,
  asOfMs: number,
): AllowedItems {
  const { numItems } = attributes
  const excludedRows = new Set<number>()
  const unknown = new Set<string>()
  for (const itemId of exclude) {
    const itemRow = attributes.rowOf(itemId)
    if (itemRow === undefined) unknown.add(itemId)
    else excludedRows.add(itemRow)
  }
  const sellable = availability.at(asOfMs)
  const { flags, numAvailable } = sellable
  let available = numAvailable
  for (const itemRow of excludedRows) available -= flags[itemRow] as number
  const known = {
    considered: numItems,
    afterExclude: numItems - excludedRows.size,
    available,
    unknownExcluded: unknown.size,
  }
  if (excludedRows.size === 0 && filter === undefined && suppressed === undefined) {
    const allowed = numAvailable === numItems ? undefined : flags
    const counts = { ...known, afterFilter: available, suppressed: 0 }
    return { allowed, onlyBy: sellable, counts }
  }
  const allowed = flags.slice()
  for (const itemRow of excludedRows) allowed[itemRow] = 0
  const afterFilter = filter === undefined ? available : keep(allowed, filters.resolve(filter))
  let numSuppressed = 0
  if (suppressed !== undefined) {
    for (let row = 1; row <= numItems; row++) {
      if (suppressed[row] !== 1 || allowed[row] === 0) continue
      allowed[row] = 0
      numSuppressed++
    }
  }
  return {
    allowed,
    onlyBy: undefined,
    counts: { ...known, afterFilter, suppressed: numSuppressed },
  }
}

/** Leaves of `allowed` what `flags` allows too; returns how many that are. */
function keep(allowed: Uint8Array, flags: Uint8Array): number {
  let count = 0
  for (let row = 1; row < allowed.length; row++) {
    const flag = (allowed[row] as number) & (flags[row] as number)
    allowed[row] = flag
    count += flag
  }
  return count
}

/** Returns flags of what is not to be offered now; `undefined` when the history holds nothing that lasts. */
export function findSuppressed(
  { lifecycle }: Pick<ServedModel, 'lifecycle'>,
  { itemRows, timestampMs, asOfMs }: History,
  { includeSuppressed }: Pick<Question, 'includeSuppressed'>,
): Uint8Array | undefined {
  const durability = lifecycle?.customers?.durability
  if (includeSuppressed || lifecycle === undefined || durability == null) return undefined
  const days = Int32Array.from(timestampMs, dayOf)
  const lasting = lastingPurchases({ itemRows, days }, durability)
  if (lasting.itemRows.length === 0) return undefined
  return suppressedItems(lasting, dayOf(asOfMs), { durability, tree: lifecycle.tree })
}
