import type { ItemCatalog } from '../data/item-catalog.ts'
import { checkChoice, checkInteger, RecommenderError } from '../errors.ts'
import type { CategoryTree } from './category-tree.ts'

/**
 * Whether one purchase serves for long (`durable`) or is used up and bought again (`consumable`); `unknown` where the log
 * does not tell.
 */
export const DURABILITY_KINDS = ['consumable', 'durable', 'unknown'] as const

/** One of {@link DURABILITY_KINDS}. */
export type DurabilityKind = (typeof DURABILITY_KINDS)[number]

/** What a merchant may set; what is left out stays as learned. */
export interface DurabilitySettings {
  readonly kind?: DurabilityKind | undefined
  /** Days after a purchase in which the item is not offered; 0 for none. */
  readonly suppressDays?: number | undefined
  /** Days after a purchase in which nothing of its narrowest category is offered; 0 for none. */
  readonly suppressCategoryDays?: number | undefined
  /** Days after a purchase in which accessories are offered; 0 for none. */
  readonly accessoryDays?: number | undefined
}

/** A merchant's word on one item, or on everything under a category. */
export type DurabilityOverride = DurabilitySettings &
  (
    | { readonly itemId: string; readonly categoryPath?: undefined }
    /** Begins with the widest level; categories below are meant too. */
    | { readonly categoryPath: readonly string[]; readonly itemId?: undefined }
  )

/** Overrides that were checked: what they set for each item row and each category. */
export interface ResolvedOverrides {
  ofItem(itemRow: number): DurabilitySettings
  ofCategory(node: number): DurabilitySettings
}

const DAY_FIELDS = ['suppressDays', 'suppressCategoryDays', 'accessoryDays'] as const
const KEYS: readonly string[] = ['itemId', 'categoryPath', 'kind', ...DAY_FIELDS]
const MAX_DAYS = 3660
const MAX_NAMES = 10

/**
 * Checks overrides and resolves them: for each setting the most specific override that has it wins, an item id before
 * a category path, a longer path before a shorter one.
 *
 * @throws {@link RecommenderError} `UNKNOWN_ITEM` if an item id is not in the catalogue; `INVALID_OPTION`, naming the override
 * by its position, if a category is not, if two overrides mean the same item or category, if nothing or something
 * unknown is set, or if a number of days is not an integer of `0..3660`.
 */
export function resolveOverrides(
  overrides: readonly DurabilityOverride[],
  { catalog, tree }: { readonly catalog: ItemCatalog; readonly tree: CategoryTree },
): ResolvedOverrides {
  const byItem = new Map<number, DurabilitySettings>()
  const byNode = new Map<number, DurabilitySettings>()
  overrides.forEach((override, i) => {
    const name = `overrides[${i}]`
    const settings = checkSettings(override, name)
    if (override.itemId !== undefined)
      put(byItem, findItem(override.itemId, name, catalog), settings, name)
    else put(byNode, findNode(override.categoryPath, name, tree), settings, name)
  })
  const inherited: DurabilitySettings[] = []
  // Parents come before children, so each category finds its parent's settings ready.
  for (let node = 0; node < tree.numNodes; node++)
    inherited.push({ ...inherited[tree.parents[node] as number], ...byNode.get(node) })
  const ofCategory = (node: number): DurabilitySettings => inherited[node] ?? {}
  return {
    ofCategory,
    ofItem: (itemRow) => ({
      ...ofCategory(tree.nodeOfItem[itemRow] as number),
      ...byItem.get(itemRow),
    }),
  }
}

/** Returns the settings alone, those that are there. */
function checkSettings(override: DurabilityOverride, name: string): DurabilitySettings {
  const { itemId, categoryPath, ...rest } = override
  if ((itemId === undefined) === (categoryPath === undefined)) {
    const got = itemId === undefined ? 'neither' : 'both'
    fail(`Expected \`${name}\` to have \`itemId\` or \`categoryPath\`, got ${got}.`)
  }
  for (const key of Object.keys(rest)) {
    if (!KEYS.includes(key))
      fail(`Expected \`${name}\` to have no other keys than ${KEYS.join(', ')}, got '${key}'.`)
  }
  const settings = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  ) as DurabilitySettings
  if (Object.keys(settings).length === 0)
    fail(`Expected \`${name}\` to set ${KEYS.slice(2).join(', ')} or several of them, got none.`)
  if (settings.kind !== undefined) checkChoice(`${name}.kind`, settings.kind, DURABILITY_KINDS)
  for (const key of DAY_FIELDS) {
    const days = settings[key]
    if (days !== undefined) checkInteger(`${name}.${key}`, days, 0, MAX_DAYS)
  }
  return settings
}

function findItem(itemId: string, name: string, catalog: ItemCatalog): number {
  const itemRow = catalog.rowOf(itemId)
  if (itemRow !== undefined) return itemRow
  throw new RecommenderError(
    'UNKNOWN_ITEM',
    `Expected \`${name}.itemId\` to be an item of the catalogue, got '${itemId}'.`,
  )
}

function findNode(path: readonly string[] | undefined, name: string, tree: CategoryTree): number {
  if (!Array.isArray(path) || path.length === 0 || path.some((part) => typeof part !== 'string'))
    fail(
      `Expected \`${name}.categoryPath\` to be a list of one name or more, got ${JSON.stringify(path)}.`,
    )
  const node = tree.nodeOf(path)
  if (node !== undefined) return node
  const length = path.findIndex((_, i) => tree.nodeOf(path.slice(0, i + 1)) === undefined)
  const parent = tree.nodeOf(path.slice(0, length)) as number
  const names = tree.paths.flatMap((known, n) =>
    tree.parents[n] === parent ? [known.at(-1) as string] : [],
  )
  const known = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ', ...' : '')
  return fail(
    `Expected \`${name}.categoryPath[${length}]\` to be a category of the catalogue under [${path.slice(0, length).join(' > ')}] (${known || 'it has none'}), got '${path[length]}'.`,
  )
}

function put(
  settings: Map<number, DurabilitySettings>,
  key: number,
  value: DurabilitySettings,
  name: string,
): void {
  if (settings.has(key))
    fail(`Expected one override an item or category, got another of the same in \`${name}\`.`)
  settings.set(key, value)
}

function fail(message: string): never {
  throw new RecommenderError('INVALID_OPTION', message)
}
