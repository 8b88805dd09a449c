import { type AttributeColumn, type AttributeValue, kindOf } from './attribute-column.ts'
import {
  checkInputFlag,
  checkInputList,
  checkInputNumber,
  checkInputText,
  checkObject,
  rejectInput,
} from './input-checks.ts'

/** What is known of an item now. Fields left out stay as they are; `null` forgets one. */
export interface ItemChanges {
  /** When this was known to be so, in milliseconds since 1970-01-01 UTC. */
  readonly asOfMs: number
  /** When price and stock were known to be so, where that is longer ago than the rest. @defaultValue `asOfMs` where either is given */
  readonly pricedAsOfMs?: number | undefined
  readonly title?: string | null | undefined
  /** From the widest category to the narrowest. */
  readonly categoryPath?: readonly string[] | null | undefined
  /** Price of one unit, 0 or more. */
  readonly price?: number | null | undefined
  /** Units at hand, 0 or more. */
  readonly stock?: number | null | undefined
  /** Whether the item may be recommended. */
  readonly active?: boolean | undefined
  /** Further fields by name. The first value of a name decides whether it is a text, a number or a flag. */
  readonly attributes?: Readonly<Record<string, AttributeValue | null>> | undefined
}

/** Most attributes of a catalogue, and lengths of their names and texts, of titles and of category paths. */
export const ATTRIBUTE_LIMITS = {
  maxAttributes: 64,
  maxNameLength: 64,
  maxTextLength: 1000,
  maxCategoryLevels: 16,
} as const

/** Fields that every item has; no attribute may have such a name. */
export const ITEM_FIELDS = [
  'itemId',
  'title',
  'categoryPath',
  'price',
  'stock',
  'active',
  'asOfMs',
  'pricedAsOfMs',
  'asOf',
  'attributes',
] as const

/**
 * Checks what came from outside about an item.
 *
 * @param path - Where it stands, for messages, such as `items[3]`.
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the field.
 */
export function checkItemChanges(value: unknown, path: string): asserts value is ItemChanges {
  const changes = checkObject(path, value, [
    'asOfMs',
    'pricedAsOfMs',
    'title',
    'categoryPath',
    'price',
    'stock',
    'active',
    'attributes',
  ])
  const { maxTextLength, maxCategoryLevels } = ATTRIBUTE_LIMITS
  checkInputNumber(`${path}.asOfMs`, changes.asOfMs)
  if (changes.pricedAsOfMs !== undefined)
    checkInputNumber(`${path}.pricedAsOfMs`, changes.pricedAsOfMs)
  for (const field of ['price', 'stock'] as const) {
    if (changes[field] != null) checkInputNumber(`${path}.${field}`, changes[field], { min: 0 })
  }
  if (changes.title != null) checkInputText(`${path}.title`, changes.title, maxTextLength)
  if (changes.active !== undefined) checkInputFlag(`${path}.active`, changes.active)
  if (changes.categoryPath != null) {
    const levels: unknown = changes.categoryPath
    checkInputList(`${path}.categoryPath`, levels, { max: maxCategoryLevels, of: 'levels' })
    levels.forEach((level, i) => {
      checkInputText(`${path}.categoryPath[${i}]`, level, maxTextLength)
    })
  }
  if (changes.attributes !== undefined) checkAttributes(changes.attributes, `${path}.attributes`)
}

/**
 * Checks that attributes are of the kinds that a catalogue knows them as, and not too many.
 *
 * @param columns - What the catalogue knows, by name; `price` and `stock` may be among them.
 * @throws {@link RecommenderError} `INVALID_INPUT` naming the attribute.
 */
export function checkAttributeKinds(
  attributes: NonNullable<ItemChanges['attributes']>,
  columns: ReadonlyMap<string, AttributeColumn>,
  path: string,
): void {
  let numAttributes = [...columns.keys()].filter((name) => !isItemField(name)).length
  for (const [name, value] of Object.entries(attributes)) {
    const known = columns.get(name)
    if (value === null) continue
    if (known === undefined) numAttributes++
    else if (known.kind !== kindOf(value))
      rejectInput(`${path}.${name}`, `be a ${known.kind} as in other items`, value)
  }
  const { maxAttributes } = ATTRIBUTE_LIMITS
  if (numAttributes > maxAttributes)
    rejectInput(
      path,
      `leave the catalogue with ${maxAttributes} attributes or fewer`,
      `${numAttributes}`,
    )
}

/** Returns whether a name is one of {@link ITEM_FIELDS}. */
export function isItemField(name: string): boolean {
  return (ITEM_FIELDS as readonly string[]).includes(name)
}

function checkAttributes(value: unknown, path: string): void {
  const attributes = checkObject(path, value)
  const { maxNameLength, maxTextLength } = ATTRIBUTE_LIMITS
  for (const [name, entry] of Object.entries(attributes)) {
    if (name === '' || name.length > maxNameLength)
      rejectInput(path, `have names of 1 to ${maxNameLength} characters`, name)
    if (isItemField(name)) rejectInput(path, `leave out ${name}, a field of the item itself`, name)
    if (entry === null || typeof entry === 'boolean') continue
    if (typeof entry === 'number') checkInputNumber(`${path}.${name}`, entry)
    else if (typeof entry === 'string') checkInputText(`${path}.${name}`, entry, maxTextLength)
    else rejectInput(`${path}.${name}`, 'be a text, a number, a flag or null', entry)
  }
}
