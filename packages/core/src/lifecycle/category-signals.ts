import { selectTopK } from '../top-k.ts'
import type { CategoryTree } from './category-tree.ts'
import type { Customer } from './customer.ts'
import type { ItemStatistics } from './item-statistics.ts'
import type { Signal } from './signal.ts'

/** Days after which a purchase in a category counts half. */
const HALF_LIFE_DAYS = 60
/** Added to a weight before its logarithm. */
const FLOOR = 1e-3
/** Categories of a customer whose items become candidates, and the most items of each that are looked at. */
const MAX_CATEGORIES = 5
const MAX_ITEMS = 10_000

/** What a customer has done in one narrowest category. */
interface OwnCategory {
  weight: number
  lastDay: number
  count: number
}

/**
 * Returns what a customer's purchases in an item's narrowest category say of it; none where no item has a category.
 *
 * `same_category` is a source, too: items of the five categories bought most lately, by that weight times popularity.
 */
export function createCategorySignals(items: ItemStatistics, tree: CategoryTree): Signal[] {
  if (tree.numNodes === 1) return []
  const { nodeOfItem } = tree
  const itemsOf = collectItems(tree)
  let customer: Customer | undefined
  let own = new Map<number, OwnCategory>()
  const turnTo = (next: Customer): void => {
    if (next === customer) return
    customer = next
    own = describeCategories(next, nodeOfItem)
  }
  const ownOf = (itemRow: number): OwnCategory | undefined => {
    const node = nodeOfItem[itemRow] as number
    return node === 0 ? undefined : own.get(node)
  }
  const none = (): Int32Array => new Int32Array(0)
  return [
    {
      name: 'same_category',
      formula: `log(${FLOOR} + sum over purchases in its narrowest category of 0.5^(age / ${HALF_LIFE_DAYS}))`,
      unit: 'log purchases',
      turnTo,
      valueOf: (itemRow) => Math.log((ownOf(itemRow)?.weight ?? 0) + FLOOR),
      best: (count) => bestOfCategories(count, { customer, own, itemsOf, items }),
    },
    {
      name: 'category_recency',
      formula: 'log(days since the newest purchase in its narrowest category, at least 0.5)',
      unit: 'log days',
      turnTo,
      valueOf: (itemRow) => {
        const category = ownOf(itemRow)
        if (category === undefined || customer === undefined) return Number.NaN
        return Math.log(Math.max(customer.asOfDay - category.lastDay, 0.5))
      },
      best: none,
    },
    {
      name: 'category_share',
      formula: "purchases of the item / purchases in its narrowest category, the customer's own",
      unit: 'share',
      turnTo,
      valueOf: (itemRow) => {
        const category = ownOf(itemRow)
        if (category === undefined) return 0
        return (customer?.own.get(itemRow)?.count ?? 0) / category.count
      },
      best: none,
    },
  ]
}

function collectItems({ numNodes, nodeOfItem }: CategoryTree): readonly (readonly number[])[] {
  const items: number[][] = Array.from({ length: numNodes }, () => [])
  for (let itemRow = 1; itemRow < nodeOfItem.length; itemRow++)
    items[nodeOfItem[itemRow] as number]?.push(itemRow)
  return items
}

function describeCategories(
  { visits, asOfDay }: Customer,
  nodeOfItem: Int32Array,
): Map<number, OwnCategory> {
  const own = new Map<number, OwnCategory>()
  for (const [v, day] of visits.days.entries()) {
    const weight = 0.5 ** (Math.max(asOfDay - day, 0) / HALF_LIFE_DAYS)
    for (const itemRow of visits.itemRows.subarray(visits.offsets[v], visits.offsets[v + 1])) {
      const node = nodeOfItem[itemRow] as number
      if (node === 0) continue
      const category = own.get(node) ?? { weight: 0, lastDay: day, count: 0 }
      own.set(node, category)
      category.weight += weight
      category.lastDay = day
      category.count++
    }
  }
  return own
}

function bestOfCategories(
  count: number,
  {
    customer,
    own,
    itemsOf,
    items,
  }: {
    readonly customer: Customer | undefined
    readonly own: ReadonlyMap<number, OwnCategory>
    readonly itemsOf: readonly (readonly number[])[]
    readonly items: ItemStatistics
  },
): Int32Array {
  const popularity = items.popularity(1)
  const strongest = [...own].sort((a, b) => b[1].weight - a[1].weight).slice(0, MAX_CATEGORIES)
  const rows: number[] = []
  const scores: number[] = []
  let largest = 0
  for (const [node, { weight }] of strongest) {
    const members = itemsOf[node] as readonly number[]
    // A category as wide as a shop would cost as much as the shop: its first items by row stand for it.
    for (const itemRow of members.slice(0, MAX_ITEMS)) {
      if (customer?.own.has(itemRow)) continue
      rows.push(itemRow)
      scores.push(weight * (popularity[itemRow] as number))
      largest = Math.max(largest, scores.at(-1) as number)
    }
  }
  // Relative to the largest: as kept they outgrow single precision after some years.
  const values = Float32Array.from(scores, (score) => (largest > 0 ? score / largest : 0))
  return selectTopK(values, Math.min(count, values.length)).map((n) => rows[n] as number)
}
