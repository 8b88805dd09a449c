import type { CategoryTree, ItemLinks, LinkTables } from '@perennial/core'

/** Categories with room for items that training did not know. */
export interface ReservedCategories extends CategoryTree {
  /** Puts a new item into the narrowest category of its path that the tree knows. */
  assign(itemRow: number, categoryPath: readonly string[]): void
}

/** Returns the tree with room for item rows up to `capacity`; those that training did not know are in no category yet. */
export function reserveCategories(tree: CategoryTree, capacity: number): ReservedCategories {
  const nodeOfItem = new Int32Array(capacity + 1)
  nodeOfItem.set(tree.nodeOfItem)
  return {
    ...tree,
    numItems: capacity,
    nodeOfItem,
    assign: (itemRow, categoryPath) => {
      let node = 0
      for (let depth = categoryPath.length; depth > 0 && node === 0; depth--)
        node = tree.nodeOf(categoryPath.slice(0, depth)) ?? 0
      nodeOfItem[itemRow] = node
    },
  }
}

/** Returns tables with room for item rows up to `capacity`; new ones have no links. */
export function reserveLinks({ coBasket, ease }: LinkTables, capacity: number): LinkTables {
  return {
    coBasket: coBasket && reserve(coBasket, capacity),
    ease: ease && reserve(ease, capacity),
  }
}

function reserve(links: ItemLinks, capacity: number): ItemLinks {
  const offsets = new Int32Array(capacity + 2).fill(links.itemRows.length)
  offsets.set(links.offsets)
  return { ...links, numItems: capacity, offsets }
}
