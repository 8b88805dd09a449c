import { checkInteger } from '../errors.ts'
import { type Filter, resolveFilter } from './filter.ts'
import type { ItemAttributes } from './item-attributes.ts'

/** Options of {@link createFilterCache}. */
export interface FilterCacheOptions {
  /** Most filters kept, 0 or more; each takes one byte an item. @defaultValue 32 */
  readonly maxFilters?: number | undefined
}

/** Resolves filters and keeps the flags of the ones used last. */
export interface FilterCache {
  /** Returns what `resolveFilter` does. The flags are shared: read them only, and not after the items have changed. */
  resolve(filter: Filter): Uint8Array
  /** Filters asked for, and those of them that were at hand. */
  readonly numRequests: number
  readonly numHits: number
}

/** Characters of a filter above which finding it in the cache is not worth its key. */
const MAX_KEY_LENGTH = 4096

/**
 * Creates a cache of resolved filters over items that may change: a change to a field makes the filters that name it be
 * resolved anew, an added item all of them.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if `maxFilters` is no integer of 0 or more.
 */
export function createFilterCache(
  items: ItemAttributes,
  options: FilterCacheOptions = {},
): FilterCache {
  const { maxFilters = 32 } = options
  checkInteger('maxFilters', maxFilters, 0)
  const kept = new Map<string, { readonly stamp: number; readonly flags: Uint8Array }>()
  let numRequests = 0
  let numHits = 0
  return {
    get numRequests() {
      return numRequests
    },
    get numHits() {
      return numHits
    },
    resolve(filter) {
      numRequests++
      const key = JSON.stringify(filter, sortKeys)
      if (key.length > MAX_KEY_LENGTH || maxFilters === 0) return resolveFilter(filter, items)
      // Every part of the sum rises only, so an equal sum means that nothing has changed.
      let stamp = items.numItems
      for (const field of fieldsOf(filter)) stamp += items.versionOf(field)
      const known = kept.get(key)
      kept.delete(key)
      const isCurrent = known !== undefined && known.stamp === stamp
      if (isCurrent) numHits++
      const flags = isCurrent ? known.flags : resolveFilter(filter, items)
      kept.set(key, { stamp, flags })
      if (kept.size > maxFilters) {
        const [oldest] = kept.keys()
        kept.delete(oldest as string)
      }
      return flags
    },
  }
}

/** A replacer of `JSON.stringify` that puts the keys of every object in order. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function fieldsOf(filter: Filter): Set<string> {
  if ('not' in filter) return fieldsOf(filter.not)
  if ('all' in filter || 'any' in filter) {
    const parts = 'all' in filter ? filter.all : filter.any
    return new Set(parts.flatMap((part) => [...fieldsOf(part)]))
  }
  return new Set([filter.field])
}
