import type { Filter } from './filter.ts'
import {
  checkInputList,
  checkInputNumber,
  checkKeys,
  checkObject,
  rejectInput,
} from './input-checks.ts'
import type { ItemAttributes } from './item-attributes.ts'
import { ATTRIBUTE_LIMITS } from './item-changes.ts'

/** Most levels, conditions (with the `all`, `any`, `not` around them) and values of one list that a filter may have. */
export const FILTER_LIMITS = { maxDepth: 8, maxParts: 100, maxValues: 10_000 } as const

/** Options of {@link checkFilter}. */
export interface CheckFilterOptions {
  /** Items whose attributes a filter may name, with values of their kind. @defaultValue any name, any kind */
  readonly items?: Pick<ItemAttributes, 'columnOf' | 'fieldNames'> | undefined
  /** Where the filter stands, for messages. @defaultValue 'filter' */
  readonly path?: string | undefined
}

type FieldKind = 'text' | 'number' | 'flag'
const TYPES = { text: 'string', number: 'number', flag: 'boolean' } as const
const FIXED_KINDS: Readonly<Record<string, FieldKind>> = {
  itemId: 'text',
  title: 'text',
  price: 'number',
  stock: 'number',
}

/**
 * Checks a filter that came from outside.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the part that is wrong.
 */
export function checkFilter(
  value: unknown,
  options: CheckFilterOptions = {},
): asserts value is Filter {
  const { path = 'filter', items } = options
  const numParts = checkPart(value, { path, items, depth: 1 })
  if (numParts > FILTER_LIMITS.maxParts)
    rejectInput(path, `have ${FILTER_LIMITS.maxParts} parts or fewer`, `${numParts}`)
}

/** Where a part stands, and what it may name. */
interface Place {
  readonly path: string
  readonly depth: number
  readonly items: CheckFilterOptions['items']
}

/** Returns how many parts a filter has, itself included. */
function checkPart(value: unknown, place: Place): number {
  const { path, depth, items } = place
  const node = checkObject(path, value)
  if (depth > FILTER_LIMITS.maxDepth)
    rejectInput(path, `nest ${FILTER_LIMITS.maxDepth} levels or fewer`, 'more')
  if ('not' in node) {
    checkKeys(path, node, ['not'])
    return 1 + checkPart(node.not, { path: `${path}.not`, depth: depth + 1, items })
  }
  if ('all' in node || 'any' in node) {
    const key = 'all' in node ? 'all' : 'any'
    checkKeys(path, node, [key])
    const parts: unknown = node[key]
    const { maxParts } = FILTER_LIMITS
    checkInputList(`${path}.${key}`, parts, { min: 1, max: maxParts, of: 'filters' })
    return parts.reduce<number>(
      (sum, part, i) =>
        sum + checkPart(part, { path: `${path}.${key}[${i}]`, depth: depth + 1, items }),
      1,
    )
  }
  checkCondition(node, place)
  return 1
}

function checkCondition(node: Record<string, unknown>, { path, items }: Place): void {
  const { field } = node
  if (field === 'categoryPath') {
    checkKeys(path, node, ['field', 'under'])
    checkValues(node.under, { path: `${path}.under`, kind: 'text' })
    return
  }
  const kind = kindOfField(field, { path, items })
  if ('in' in node || 'notIn' in node) {
    const key = 'in' in node ? 'in' : 'notIn'
    checkKeys(path, node, ['field', key])
    checkValues(node[key], { path: `${path}.${key}`, kind })
    return
  }
  if (kind === 'text' || kind === 'flag') {
    checkKeys(path, node, ['field', 'in', 'notIn'])
    rejectInput(path, 'have `in` or `notIn`', 'neither')
  }
  checkKeys(
    path,
    node,
    kind === undefined ? ['field', 'min', 'max', 'in', 'notIn'] : ['field', 'min', 'max'],
  )
  const { min, max } = node
  if (min === undefined && max === undefined)
    rejectInput(path, 'have `min`, `max` or both', 'neither')
  for (const [key, bound] of Object.entries({ min, max }))
    if (bound !== undefined) checkInputNumber(`${path}.${key}`, bound)
  if ((min as number) > (max as number)) rejectInput(`${path}.min`, 'be `max` or less', min)
}

/** Returns the kind of values of a field, or `undefined` when it is an attribute and no items are at hand. */
function kindOfField(field: unknown, { path, items }: Omit<Place, 'depth'>): FieldKind | undefined {
  const { maxNameLength } = ATTRIBUTE_LIMITS
  if (typeof field !== 'string' || field === '' || field.length > maxNameLength) {
    rejectInput(
      `${path}.field`,
      `be price, stock, categoryPath, itemId, title or an attribute of 1 to ${maxNameLength} characters (or \`all\`, \`any\`, \`not\` to be there)`,
      field,
    )
  }
  const fixed = Object.hasOwn(FIXED_KINDS, field) ? FIXED_KINDS[field] : undefined
  if (fixed !== undefined || items === undefined) return fixed
  const column = items.columnOf(field)
  if (column === undefined) {
    const known = ['itemId', 'title', 'categoryPath', 'stock', ...items.fieldNames]
    rejectInput(`${path}.field`, `be one of ${[...new Set(known)].join(', ')}`, field)
  }
  return column.kind
}

function checkValues(
  values: unknown,
  { path, kind }: { readonly path: string; readonly kind: FieldKind | undefined },
): void {
  const { maxValues } = FILTER_LIMITS
  checkInputList(path, values, { min: 1, max: maxValues, of: 'values' })
  const allowed: readonly string[] = kind === undefined ? Object.values(TYPES) : [TYPES[kind]]
  const type = allowed.includes(typeof values[0]) ? typeof values[0] : (allowed[0] as string)
  const wrong = values.findIndex((value) => typeof value !== type || Number.isNaN(value))
  if (wrong >= 0) rejectInput(`${path}[${wrong}]`, `be a ${type} as the others`, values[wrong])
}
