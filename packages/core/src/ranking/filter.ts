import type { ItemCatalog, ItemRecord } from '../data/item-catalog.ts'
import { RecommenderError } from '../errors.ts'

/**
 * Which items may be recommended.
 *
 * An item that lacks the field of a condition does not meet it, so `not` lets such an item through.
 *
 * @example
 * const filter: Filter = {
 *   all: [
 *     { field: 'price', max: 30 },
 *     { not: { field: 'categoryPath', under: ['Drinks', 'Alcohol'] } },
 *   ],
 * }
 */
export type Filter =
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  /** Price within `[min, max]`; at least one bound. */
  | {
      readonly field: 'price'
      readonly min?: number | undefined
      readonly max?: number | undefined
    }
  /** Category path that begins with these levels, widest first. */
  | { readonly field: 'categoryPath'; readonly under: readonly string[] }
  /** Exactly one of these values. */
  | { readonly field: 'itemId' | 'title'; readonly in: readonly string[] }

/** Most levels, conditions (with the `all`, `any`, `not` around them) and values of one `in` that a filter may have. */
export const FILTER_LIMITS = { maxDepth: 8, maxParts: 100, maxValues: 10_000 } as const

/**
 * Resolves a filter to one flag an item, so that no user code runs inside a search.
 *
 * @param filter - Checked by {@link checkFilter}.
 * @returns Shape `[numItems + 1]`: 1 where the item meets the filter; row 0 is 0.
 */
export function resolveFilter(filter: Filter, catalog: ItemCatalog): Uint8Array {
  const allowed = resolve(filter, catalog)
  allowed[0] = 0
  return allowed
}

/**
 * Checks a filter that came from outside.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the part that is wrong.
 */
export function checkFilter(value: unknown): asserts value is Filter {
  const numParts = checkPart(value, 'filter', 1)
  if (numParts > FILTER_LIMITS.maxParts) {
    fail('filter', `have ${FILTER_LIMITS.maxParts} parts or fewer`, `${numParts}`)
  }
}

/** Returns how many parts a filter has, itself included. */
function checkPart(value: unknown, path: string, depth: number): number {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(path, 'be an object', value)
  }
  if (depth > FILTER_LIMITS.maxDepth) {
    fail(path, `nest ${FILTER_LIMITS.maxDepth} levels or fewer`, 'more')
  }
  const node = value as Record<string, unknown>
  if ('not' in node) {
    checkKeys(node, ['not'], path)
    return 1 + checkPart(node.not, `${path}.not`, depth + 1)
  }
  if ('all' in node || 'any' in node) {
    const key = 'all' in node ? 'all' : 'any'
    checkKeys(node, [key], path)
    const parts: unknown = node[key]
    if (!Array.isArray(parts) || parts.length === 0) {
      fail(`${path}.${key}`, 'be a list of one filter or more', parts)
    }
    return parts.reduce(
      (sum: number, part, i) => sum + checkPart(part, `${path}.${key}[${i}]`, depth + 1),
      1,
    )
  }
  checkCondition(node, path)
  return 1
}

function checkCondition(node: Record<string, unknown>, path: string): void {
  switch (node.field) {
    case 'price': {
      checkKeys(node, ['field', 'min', 'max'], path)
      const { min, max } = node
      if (min === undefined && max === undefined) fail(path, 'have `min`, `max` or both', 'neither')
      for (const [key, bound] of Object.entries({ min, max })) {
        if (bound !== undefined && !Number.isFinite(bound))
          fail(`${path}.${key}`, 'be a finite number', bound)
      }
      if ((min as number) > (max as number)) fail(`${path}.min`, 'be `max` or less', min)
      return
    }
    case 'categoryPath':
      checkKeys(node, ['field', 'under'], path)
      checkStrings(node.under, `${path}.under`)
      return
    case 'itemId':
    case 'title':
      checkKeys(node, ['field', 'in'], path)
      checkStrings(node.in, `${path}.in`)
      return
    default:
      fail(
        `${path}.field`,
        'be one of price, categoryPath, itemId, title (or `all`, `any`, `not`)',
        node.field,
      )
  }
}

function checkKeys(node: Record<string, unknown>, known: readonly string[], path: string): void {
  for (const key of Object.keys(node)) {
    if (!known.includes(key)) fail(path, `have no other keys than ${known.join(', ')}`, key)
  }
}

function checkStrings(values: unknown, path: string): void {
  const { maxValues } = FILTER_LIMITS
  if (!Array.isArray(values) || values.length === 0 || values.length > maxValues) {
    fail(
      path,
      `be a list of 1 to ${maxValues} strings`,
      Array.isArray(values) ? `${values.length} values` : values,
    )
  }
  const wrong = values.findIndex((entry) => typeof entry !== 'string')
  if (wrong >= 0) fail(`${path}[${wrong}]`, 'be a string', values[wrong])
}

function fail(path: string, expected: string, value: unknown): never {
  const got = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected \`${path}\` to ${expected}, got ${got.slice(0, 100)}.`,
  )
}

function resolve(filter: Filter, catalog: ItemCatalog): Uint8Array {
  if ('not' in filter) return resolve(filter.not, catalog).map((flag) => 1 - flag)
  if ('all' in filter) return combine(filter.all, catalog, 1)
  if ('any' in filter) return combine(filter.any, catalog, 0)
  const allowed = new Uint8Array(catalog.numItems + 1)
  if (filter.field === 'itemId') {
    for (const itemId of filter.in) allowed[catalog.rowOf(itemId) ?? 0] = 1
    return allowed
  }
  const meets = toPredicate(filter)
  for (let row = 1; row < allowed.length; row++) allowed[row] = meets(catalog.recordOf(row)) ? 1 : 0
  return allowed
}

/** Joins the flags of several filters: `start` 1 keeps what all allow, 0 what any allows. */
function combine(filters: readonly Filter[], catalog: ItemCatalog, start: 0 | 1): Uint8Array {
  const joined = new Uint8Array(catalog.numItems + 1).fill(start)
  for (const filter of filters) {
    const flags = resolve(filter, catalog)
    for (let row = 1; row < joined.length; row++) {
      if (flags[row] !== start) joined[row] = 1 - start
    }
  }
  return joined
}

function toPredicate(
  condition: Extract<
    Filter,
    { field: 'price' } | { field: 'categoryPath' } | { field: 'itemId' | 'title' }
  >,
): (record: ItemRecord) => boolean {
  switch (condition.field) {
    case 'price': {
      const { min = -Infinity, max = Infinity } = condition
      return ({ price = Number.NaN }) => price >= min && price <= max
    }
    case 'categoryPath': {
      const { under } = condition
      return ({ categoryPath = [] }) => under.every((level, i) => categoryPath[i] === level)
    }
    default: {
      const titles = new Set(condition.in)
      return ({ title }) => title !== undefined && titles.has(title)
    }
  }
}
