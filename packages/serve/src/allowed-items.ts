import { type ItemCatalog, resolveFilter } from '@perennial/core'
import type { Question } from './read-request.ts'
import type { RecommendResponse } from './recommendation.ts'

/** Which items a question allows, and how many each condition left. */
export interface AllowedItems {
  /** Shape `[numItems + 1]`: 0 for items left out; `undefined` when every item is allowed. */
  readonly allowed: Uint8Array | undefined
  readonly counts: RecommendResponse['candidates']
}

/** Resolves `exclude` and `filter` of a question to flags by item row. */
export function findAllowedItems(
  catalog: ItemCatalog,
  { exclude, filter }: Pick<Question, 'exclude' | 'filter'>,
): AllowedItems {
  const { numItems } = catalog
  const excludedRows = new Set<number>()
  const unknown = new Set<string>()
  for (const itemId of exclude) {
    const itemRow = catalog.rowOf(itemId)
    if (itemRow === undefined) unknown.add(itemId)
    else excludedRows.add(itemRow)
  }
  const afterExclude = numItems - excludedRows.size
  const counts = { considered: numItems, afterExclude, unknownExcluded: unknown.size }
  if (filter === undefined && excludedRows.size === 0) {
    return { allowed: undefined, counts: { ...counts, afterFilter: afterExclude } }
  }
  const allowed =
    filter === undefined ? new Uint8Array(numItems + 1).fill(1, 1) : resolveFilter(filter, catalog)
  for (const itemRow of excludedRows) allowed[itemRow] = 0
  return {
    allowed,
    counts: { ...counts, afterFilter: allowed.reduce((sum, flag) => sum + flag, 0) },
  }
}
