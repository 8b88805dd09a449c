import {
  dayOf,
  type History,
  lastingPurchases,
  resolveFilter,
  suppressedItems,
} from '@perennial/core'
import type { Question } from './read-request.ts'
import type { RecommendResponse } from './recommendation.ts'
import type { ServedModel } from './served-model.ts'

/** Which items a question allows, and how many each condition left. */
export interface AllowedItems {
  /** Shape `[numItems + 1]`: 0 for items left out; `undefined` when every item is allowed. */
  readonly allowed: Uint8Array | undefined
  readonly counts: RecommendResponse['candidates']
}

/** Resolves `exclude`, `filter` and what durables of the history speak against to flags by item row. */
export function findAllowedItems(
  { catalog, lifecycle }: Pick<ServedModel, 'catalog' | 'lifecycle'>,
  question: Pick<Question, 'exclude' | 'filter' | 'includeSuppressed'>,
  history: History,
): AllowedItems {
  const { numItems } = catalog
  const { exclude, filter, includeSuppressed } = question
  const excludedRows = new Set<number>()
  const unknown = new Set<string>()
  for (const itemId of exclude) {
    const itemRow = catalog.rowOf(itemId)
    if (itemRow === undefined) unknown.add(itemId)
    else excludedRows.add(itemRow)
  }
  const afterExclude = numItems - excludedRows.size
  const known = { considered: numItems, afterExclude, unknownExcluded: unknown.size }
  const suppressed = includeSuppressed ? undefined : findSuppressed(lifecycle, history)
  if (filter === undefined && excludedRows.size === 0 && suppressed === undefined)
    return { allowed: undefined, counts: { ...known, afterFilter: afterExclude, suppressed: 0 } }
  const allowed =
    filter === undefined ? new Uint8Array(numItems + 1).fill(1, 1) : resolveFilter(filter, catalog)
  for (const itemRow of excludedRows) allowed[itemRow] = 0
  const afterFilter = allowed.reduce((sum, flag) => sum + flag, 0)
  let numSuppressed = 0
  suppressed?.forEach((flag, itemRow) => {
    if (flag === 0 || allowed[itemRow] === 0) return
    allowed[itemRow] = 0
    numSuppressed++
  })
  return { allowed, counts: { ...known, afterFilter, suppressed: numSuppressed } }
}

/** Returns flags of what is not to be offered now; `undefined` when the history holds nothing that lasts. */
function findSuppressed(
  lifecycle: ServedModel['lifecycle'],
  { itemRows, timestampMs, asOfMs }: History,
): Uint8Array | undefined {
  const durability = lifecycle?.customers?.durability
  if (lifecycle === undefined || durability === undefined || durability === null) return undefined
  const days = Int32Array.from(timestampMs, dayOf)
  const lasting = lastingPurchases({ itemRows, days }, durability)
  if (lasting.itemRows.length === 0) return undefined
  return suppressedItems(lasting, dayOf(asOfMs), { durability, tree: lifecycle.tree })
}
