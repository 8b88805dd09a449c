import type { Dataset } from '../data/dataset.ts'
import { checkInteger, checkNumber } from '../errors.ts'
import { type Accessory, type FindAccessoriesOptions, findAccessories } from './accessories.ts'
import {
  type DurabilityKind,
  type DurabilityOverride,
  type DurabilitySettings,
  resolveOverrides,
} from './durability-overrides.ts'
import {
  CURVE_EDGES,
  daysUntilShare,
  probabilityAgain,
  type RepurchaseTable,
} from './repurchase-curve.ts'
import type { RepurchaseIntervals } from './repurchase-intervals.ts'

/** Whether an item or category is used up or lasts, and what follows from it. */
export interface DurabilityRecord {
  readonly kind: DurabilityKind
  /** What the kind rests on: own buyers, those of the category around it, the merchant, or nothing. */
  readonly decidedBy: 'own' | 'category' | 'merchant' | 'nothing'
  /** Whether the days of suppression are what the data says or what the merchant set. */
  readonly daysSetBy: 'data' | 'merchant'
  /** Users who bought it before the cut. */
  readonly numBuyers: number
  /** Probability to be bought again within so many days of the first purchase; `null` where the log is too short to tell. */
  readonly againWithin: {
    readonly 30: number | null
    readonly 90: number | null
    readonly 365: number | null
  }
  /** Days after a purchase in which it is not offered. */
  readonly suppressDays: number
  /** Days after a purchase in which nothing of its narrowest category is offered; above 0 for durables only, unless set. */
  readonly suppressCategoryDays: number
  /** Days after a purchase in which accessories are offered. */
  readonly accessoryDays: number
  /** Highest lift first. Of an item without its own, those of its narrowest category if that is durable. */
  readonly accessories: readonly Accessory[]
}

/** Durability of all items and categories: plain data, which JSON holds. */
export interface Durability {
  /** Only days before it were read: days since 1970-01-01 UTC. */
  readonly cutDay: number
  /** By item row; row 0 is padding, `unknown`. */
  readonly items: readonly DurabilityRecord[]
  /** By node of the category tree, with its path; node 0 is everything and `unknown`. */
  readonly categories: readonly (DurabilityRecord & { readonly path: readonly string[] })[]
}

/** Options of {@link learnDurability}. */
export interface LearnDurabilityOptions
  extends Omit<FindAccessoriesOptions, 'cutDay' | 'windowDays'> {
  /** Share of buyers who buy again within a year that divides durables from consumables, within `0.01..0.99`. @defaultValue 0.15 */
  readonly threshold?: number | undefined
  /** Buyers that a kind must rest on, 1 or more. @defaultValue 20 */
  readonly minBuyers?: number | undefined
  /** Share of buyers who may be ready again before suppression ends, within `0..0.5`. @defaultValue 0.05 */
  readonly missedShare?: number | undefined
  /** Days after a purchase in which accessories are looked for, 1 or more. @defaultValue 90 */
  readonly accessoryWindowDays?: number | undefined
  /** The merchant's word, which goes before what was learned. @defaultValue none */
  readonly overrides?: readonly DurabilityOverride[] | undefined
}

const YEAR_DAYS = CURVE_EDGES.at(-1) as number
/** A durable needs a log that tells so many days after a purchase. */
const MIN_DURABLE_DAYS = 180
/** Standard errors to either side: a normal estimate is beyond with a probability of one in ten. */
const CONFIDENCE = 1.2816

const NOTHING: DurabilityRecord = {
  kind: 'unknown',
  decidedBy: 'nothing',
  daysSetBy: 'data',
  numBuyers: 0,
  againWithin: { 30: null, 90: null, 365: null },
  suppressDays: 0,
  suppressCategoryDays: 0,
  accessoryDays: 0,
  accessories: [],
}

/** Options with defaults filled in. */
interface Limits {
  readonly threshold: number
  readonly minBuyers: number
  readonly missedShare: number
}

/**
 * Tells durables from consumables by how many of their buyers buy again, and for how long neither should be offered.
 *
 * With `P` the probability to be bought again within a year (or within the `K` days that the log tells) and `e` its
 * standard error, an item or category of at least `minBuyers` buyers is
 * - `consumable` if `P - 1.28 e` is `threshold` or more,
 * - `durable` if `P + 1.28 e` is `1 - (1 - threshold)^(K / 365)` or less and `K` is 180 or more,
 * - `unknown` between.
 *
 * An item with fewer buyers takes the kind of the narrowest category around it that has enough. No item is durable by
 * its own buyers in a category that is consumable: a flavour that nobody bought twice does not last.
 *
 * It is suppressed until the day by which `missedShare` of its buyers have bought again; after a durable the whole
 * narrowest category is, until the day by which `missedShare` of the category's buyers have: a year at most. What is
 * `unknown` for want of buyers is not suppressed. What the merchant calls durable without days is suppressed for a
 * year with its category. Accessories are looked for of durables alone, see {@link findAccessories}, and offered until nine in
 * ten buyers of the one with the highest lift had bought it.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if an option is outside its range; `INVALID_OPTION` or `UNKNOWN_ITEM` if an
 * override is wrong, see {@link resolveOverrides}.
 */
export function learnDurability(
  dataset: Dataset,
  intervals: RepurchaseIntervals,
  options: LearnDurabilityOptions = {},
): Durability {
  const { threshold = 0.15, minBuyers = 20, missedShare = 0.05, overrides = [] } = options
  checkNumber('threshold', threshold, 0.01, 0.99)
  checkInteger('minBuyers', minBuyers, 1)
  checkNumber('missedShare', missedShare, 0, 0.5)
  const limits = { threshold, minBuyers, missedShare }
  const { tree, cutDay } = intervals
  const resolved = resolveOverrides(overrides, { catalog: dataset.catalog, tree })
  const categories = tree.paths.map((path, node) => {
    const learned = node === 0 ? NOTHING : describeCategory(intervals, node, limits)
    return { ...applySettings(learned, resolved.ofCategory(node)), path }
  })
  const items = Array.from({ length: tree.numItems + 1 }, (_, itemRow) => {
    if (itemRow === 0) return NOTHING
    const learned = describeItem(intervals, itemRow, { ...limits, categories })
    return applySettings(learned, resolved.ofItem(itemRow))
  })
  const isNarrowest = new Set(tree.nodeOfItem)
  const itemRows = rowsOfDurables(items)
  const nodes = rowsOfDurables(categories).filter((node) => isNarrowest.has(node))
  const { accessoryWindowDays: windowDays, minSupport, minLift, limit, signal } = options
  const sources = { itemRows, nodes }
  const search = { cutDay, windowDays, minSupport, minLift, limit, signal, sources }
  const found = findAccessories(dataset, tree, search)
  nodes.forEach((node, n) => {
    const record = categories[node] as Durability['categories'][number]
    const settings = resolved.ofCategory(node)
    categories[node] = { ...record, ...withAccessories(found.categories[n] ?? [], settings) }
  })
  itemRows.forEach((itemRow, n) => {
    const own = found.items[n] ?? []
    const ofCategory = categories[tree.nodeOfItem[itemRow] as number]?.accessories ?? []
    const accessories = own.length > 0 ? own : ofCategory
    const record = items[itemRow] as DurabilityRecord
    items[itemRow] = { ...record, ...withAccessories(accessories, resolved.ofItem(itemRow)) }
  })
  return { cutDay, items, categories }
}

function describeCategory(
  { categories }: RepurchaseIntervals,
  node: number,
  limits: Limits,
): DurabilityRecord {
  const hasBuyers = (categories.numBuyers[node] as number) >= limits.minBuyers
  const kind = hasBuyers ? kindOf(categories, node, limits.threshold) : 'unknown'
  const days = hasBuyers ? daysUntilShare(categories, node, limits.missedShare) : 0
  return {
    kind,
    decidedBy: hasBuyers ? 'own' : 'nothing',
    daysSetBy: 'data',
    ...factsOf(categories, node),
    suppressDays: days,
    suppressCategoryDays: kind === 'durable' ? days : 0,
    accessoryDays: 0,
    accessories: [],
  }
}

function describeItem(
  intervals: RepurchaseIntervals,
  itemRow: number,
  { categories, ...limits }: Limits & Pick<Durability, 'categories'>,
): DurabilityRecord {
  const { items, tree } = intervals
  const narrowest = tree.nodeOfItem[itemRow] as number
  const facts = factsOf(items, itemRow)
  let kind: DurabilityKind = 'unknown'
  let decidedBy: DurabilityRecord['decidedBy'] = 'nothing'
  if (facts.numBuyers >= limits.minBuyers) {
    kind = kindOf(items, itemRow, limits.threshold)
    decidedBy = 'own'
    if (kind === 'durable' && categories[narrowest]?.kind === 'consumable') kind = 'unknown'
  } else {
    const isEmpty = (node: number): boolean =>
      (intervals.categories.numBuyers[node] as number) < limits.minBuyers
    let node = narrowest
    while (node > 0 && isEmpty(node)) node = tree.parents[node] as number
    if (node > 0) {
      kind = categories[node]?.kind ?? 'unknown'
      decidedBy = 'category'
    }
  }
  const isKnown = decidedBy !== 'nothing'
  const ofCategory = (): number =>
    narrowest === 0 ? 0 : daysUntilShare(intervals.categories, narrowest, limits.missedShare)
  return {
    kind,
    decidedBy,
    daysSetBy: 'data',
    ...facts,
    suppressDays: isKnown ? daysUntilShare(items, itemRow, limits.missedShare) : 0,
    suppressCategoryDays: kind === 'durable' ? ofCategory() : 0,
    accessoryDays: 0,
    accessories: [],
  }
}

function kindOf(table: RepurchaseTable, row: number, threshold: number): DurabilityKind {
  const knownDays = table.knownDays[row] as number
  const again = probabilityAgain(table, row, knownDays)
  if (again === undefined) return 'unknown'
  const { probability, error } = again
  if (probability - CONFIDENCE * error >= threshold) return 'consumable'
  const most = 1 - (1 - threshold) ** (knownDays / YEAR_DAYS)
  const isDurable = knownDays >= MIN_DURABLE_DAYS && probability + CONFIDENCE * error <= most
  return isDurable ? 'durable' : 'unknown'
}

function factsOf(
  table: RepurchaseTable,
  row: number,
): Pick<DurabilityRecord, 'numBuyers' | 'againWithin'> {
  const within = (days: number): number | null =>
    probabilityAgain(table, row, days)?.probability ?? null
  return {
    numBuyers: table.numBuyers[row] as number,
    againWithin: { 30: within(30), 90: within(90), 365: within(365) },
  }
}

function applySettings(learned: DurabilityRecord, settings: DurabilitySettings): DurabilityRecord {
  const { kind, suppressDays, suppressCategoryDays, accessoryDays } = settings
  const isChanged = kind !== undefined && kind !== learned.kind
  const days = isChanged && kind === 'durable' ? YEAR_DAYS : learned.suppressDays
  const categoryDays = isChanged
    ? kind === 'durable'
      ? YEAR_DAYS
      : 0
    : learned.suppressCategoryDays
  const isSet = suppressDays !== undefined || suppressCategoryDays !== undefined
  return {
    ...learned,
    ...(kind === undefined ? {} : { kind, decidedBy: 'merchant' }),
    daysSetBy: isSet ? 'merchant' : 'data',
    suppressDays: suppressDays ?? days,
    suppressCategoryDays: suppressCategoryDays ?? categoryDays,
    accessoryDays: accessoryDays ?? 0,
  }
}

function rowsOfDurables(records: readonly DurabilityRecord[]): number[] {
  return records.flatMap(({ kind }, row) => (kind === 'durable' ? [row] : []))
}

function withAccessories(
  accessories: readonly Accessory[],
  { accessoryDays }: DurabilitySettings,
): Pick<DurabilityRecord, 'accessories' | 'accessoryDays'> {
  return { accessories, accessoryDays: accessoryDays ?? accessories[0]?.toDays ?? 0 }
}
