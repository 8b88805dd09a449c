import type { ItemCatalog } from '../data/item-catalog.ts'

/** All categories of a catalogue, numbered so that a category comes after the one that holds it. Node 0 is everything. */
export interface CategoryTree {
  readonly numNodes: number
  readonly numItems: number
  /** Levels of the deepest category path. */
  readonly maxDepth: number
  /** Path of each node, widest level first; `[]` for node 0. */
  readonly paths: readonly (readonly string[])[]
  /** Shape `[numNodes]`: the node that holds it; -1 for node 0. */
  readonly parents: Int32Array
  /** Shape `[numNodes]`: length of the path. */
  readonly depths: Int32Array
  /** Shape `[numItems + 1]`: narrowest category of each item row; node 0 for row 0 and for items without a category. */
  readonly nodeOfItem: Int32Array
  /** Returns the node of a path, or `undefined` when no item has it. */
  nodeOf(path: readonly string[]): number | undefined
}

/** Builds the tree of all category paths of a catalogue; nodes are numbered by first appearance. */
export function buildCategoryTree(catalog: ItemCatalog): CategoryTree {
  const paths: (readonly string[])[] = [[]]
  const parents = [-1]
  const children: Map<string, number>[] = [new Map()]
  // Distinct paths come by first appearance, so going through them numbers nodes as going through the items would.
  const nodeOfPath = catalog.categoryPaths.map((path) => {
    let node = 0
    for (const [level, name] of path.entries()) {
      let child = children[node]?.get(name)
      if (child === undefined) {
        child = paths.length
        paths.push(path.slice(0, level + 1))
        parents.push(node)
        children.push(new Map())
        children[node]?.set(name, child)
      }
      node = child
    }
    return node
  })
  return {
    numNodes: paths.length,
    numItems: catalog.numItems,
    maxDepth: catalog.categoryPaths.reduce((depth, { length }) => Math.max(depth, length), 0),
    paths,
    parents: Int32Array.from(parents),
    depths: Int32Array.from(paths, ({ length }) => length),
    nodeOfItem: catalog.categoryPathCodes.map((code) => nodeOfPath[code] as number),
    nodeOf: (path) => {
      let node: number | undefined = 0
      for (const name of path) {
        node = children[node]?.get(name)
        if (node === undefined) return undefined
      }
      return node
    },
  }
}
