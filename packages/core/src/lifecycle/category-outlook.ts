import { RecommenderError } from '../errors.ts'
import type { CategoryTree } from './category-tree.ts'
import { fitPowerLaw, type PowerLaw } from './power-law.ts'

/** Probabilities that a user buys items within a horizon. */
export interface ItemProbabilities {
  /** Distinct item rows. */
  readonly itemRows: Int32Array
  /** Within `0..1`, one an item. */
  readonly probabilities: ArrayLike<number>
}

/** What was predicted for a user at an earlier cut, and what he then bought within the horizon. */
export interface OutlookExample extends ItemProbabilities {
  /** Item rows bought, whether predicted or not. */
  readonly targets: Int32Array
}

/** How probabilities of items become those of categories: one law for each depth of the tree, the root's first. */
export interface OutlookCalibration {
  readonly levels: readonly PowerLaw[]
}

/** Probability that a user buys anything of a category within the horizon. */
export interface CategoryOutlook {
  /** Widest level first; `[]` for anything at all. */
  readonly path: readonly string[]
  /** At most that of the category around it. */
  readonly probability: number
  /** Categories below it that hold a predicted item, the most probable first. */
  readonly children: readonly CategoryOutlook[]
}

const INDEPENDENT: PowerLaw = { scale: 1, power: 1 }

/**
 * Returns the probability of buying in each category within the horizon of the items' probabilities.
 *
 * `P = 1 - exp(-scale * rate^power)` with `rate = sum over the category's items of -log(1 - p)`. Scale and power of 1
 * give `1 - product of (1 - p)`, which holds for independent items and is too high for items that are bought together
 * or instead of each other; {@link fitOutlook} learns both from earlier cuts. A category is capped at the one around it,
 * since whoever buys in it buys there too.
 *
 * @param calibration - Of {@link fitOutlook} for the same tree and horizon. Items count as independent without one.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if there is not one probability an item, or not one law a depth; `UNKNOWN_ITEM`
 * if an item row is not of the tree; `INVALID_INPUT` if a probability is not within `0..1`.
 */
export function outlook(
  items: ItemProbabilities,
  tree: CategoryTree,
  calibration?: OutlookCalibration,
): CategoryOutlook {
  if (calibration !== undefined && calibration.levels.length !== tree.maxDepth + 1) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected a calibration of ${tree.maxDepth + 1} depths, as the category tree has, got one of ${calibration.levels.length}.`,
    )
  }
  const rates = ratesOf(items, tree)
  const probabilities = new Float64Array(tree.numNodes)
  const children: number[][] = Array.from({ length: tree.numNodes }, () => [])
  for (let node = 0; node < tree.numNodes; node++) {
    const rate = rates[node] as number
    if (rate === 0) continue
    const { scale, power } = calibration?.levels[tree.depths[node] as number] ?? INDEPENDENT
    const parent = tree.parents[node] as number
    const most = node === 0 ? 1 : (probabilities[parent] as number)
    probabilities[node] = Math.min(-Math.expm1(-scale * rate ** power), most)
    if (node > 0) children[parent]?.push(node)
  }
  const describe = (node: number): CategoryOutlook => ({
    path: tree.paths[node] as readonly string[],
    probability: probabilities[node] as number,
    children: (children[node] as number[])
      .sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b)
      .map(describe),
  })
  return describe(0)
}

/**
 * Fits, for each depth of the tree, the law that turns the rates of items into the probability of a category.
 *
 * All categories of a depth share one law, by maximum likelihood over users and categories with a predicted item; see
 * {@link fitPowerLaw}. What a user bought counts whether it was predicted or not, so a category whose items are only
 * partly among the predicted ones is made up for.
 *
 * @param examples - Users at cuts whose horizon, the one that is to be predicted, has passed.
 * @throws {@link RecommenderError} as {@link outlook}; `INVALID_INPUT` without any example.
 */
export function fitOutlook(
  examples: readonly OutlookExample[],
  tree: CategoryTree,
): OutlookCalibration {
  if (examples.length === 0)
    throw new RecommenderError('INVALID_INPUT', 'Expected one example or more, got none.')
  const levels = Array.from({ length: tree.maxDepth + 1 }, () => ({
    rates: [] as number[],
    outcomes: [] as number[],
  }))
  for (const example of examples) {
    const rates = ratesOf(example, tree)
    const isBought = new Uint8Array(tree.numNodes)
    for (const itemRow of example.targets) {
      let node = nodeOf(itemRow, tree)
      for (; node >= 0 && isBought[node] === 0; node = tree.parents[node] as number)
        isBought[node] = 1
    }
    for (let node = 0; node < tree.numNodes; node++) {
      if (rates[node] === 0) continue
      const level = levels[tree.depths[node] as number]
      level?.rates.push(rates[node] as number)
      level?.outcomes.push(isBought[node] as number)
    }
  }
  return { levels: levels.map(fitPowerLaw) }
}

/** Returns the summed rates of each node: shape `[numNodes]`, `Infinity` where an item is certain. */
function ratesOf({ itemRows, probabilities }: ItemProbabilities, tree: CategoryTree): Float64Array {
  if (itemRows.length !== probabilities.length) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected one probability for each of ${itemRows.length} items, got ${probabilities.length}.`,
    )
  }
  const rates = new Float64Array(tree.numNodes)
  for (const [i, itemRow] of itemRows.entries()) {
    const probability = probabilities[i] as number
    if (!(probability >= 0 && probability <= 1)) {
      throw new RecommenderError(
        'INVALID_INPUT',
        `Expected the probability of item row ${itemRow} to be within 0..1, got ${probability}.`,
      )
    }
    const node = nodeOf(itemRow, tree)
    rates[node] = (rates[node] as number) - Math.log1p(-probability)
  }
  for (let node = tree.numNodes - 1; node > 0; node--) {
    const parent = tree.parents[node] as number
    rates[parent] = (rates[parent] as number) + (rates[node] as number)
  }
  return rates
}

function nodeOf(itemRow: number, { nodeOfItem, numItems }: CategoryTree): number {
  const node = itemRow > 0 ? nodeOfItem[itemRow] : undefined
  if (node !== undefined) return node
  throw new RecommenderError(
    'UNKNOWN_ITEM',
    `Expected an item row within 1..${numItems}, got ${itemRow}.`,
  )
}
