import type { ItemCatalog } from '../data/item-catalog.ts'
import { type AgainstBest, type AtK, recallAtK } from './metrics.ts'

/**
 * Returns the category of each item at each level of the tree: the widest level first, each of shape
 * `[numItems + 1]`, categories from 1 on, 0 for items whose path is shorter.
 *
 * A category is its whole path, so equal names under different parents are different categories. The list
 * is empty when no item has a path.
 */
export function categoryLevels(catalog: ItemCatalog): Int32Array[] {
  const levels: Int32Array[] = []
  const numbers: Map<string, number>[] = []
  for (let itemRow = 1; itemRow <= catalog.numItems; itemRow++) {
    let parent = 0
    const path = catalog.recordOf(itemRow).categoryPath ?? []
    path.forEach((name, i) => {
      levels[i] ??= new Int32Array(catalog.numItems + 1)
      numbers[i] ??= new Map()
      const known = numbers[i] as Map<string, number>
      const key = `${parent}/${name}`
      parent = known.get(key) ?? known.size + 1
      known.set(key, parent)
      ;(levels[i] as Int32Array)[itemRow] = parent
    })
  }
  return levels
}

/** The categories of one level, as {@link categoryLevels} returns them. */
export interface OfLevel {
  /** Shape `[numItems + 1]`: category by item row, 0 for none. */
  readonly categories: Int32Array
}

/**
 * Returns the share of the targets' distinct categories that the first `k` places show.
 *
 * `hits / min(k, number of categories)`, or `hits / number of categories` with `denominator: 'targets'`;
 * NaN when no target has a category. Other arguments as in `recallAtK`.
 */
export function categoryRecallAtK(
  ranked: Int32Array,
  targets: Int32Array,
  { categories, k, denominator }: AgainstBest & OfLevel,
): number {
  const shown = distinctCategories(ranked.subarray(0, k), categories)
  return recallAtK(shown, distinctCategories(targets, categories), { k, denominator })
}

/** Returns how many distinct categories the first `k` places show. */
export function categoryBreadthAtK(ranked: Int32Array, { categories, k }: AtK & OfLevel): number {
  return distinctCategories(ranked.subarray(0, k), categories).length
}

function distinctCategories(itemRows: Int32Array, categories: Int32Array): Int32Array {
  const found = new Set<number>()
  for (const itemRow of itemRows) found.add(categories[itemRow] as number)
  found.delete(0)
  return Int32Array.from(found)
}
