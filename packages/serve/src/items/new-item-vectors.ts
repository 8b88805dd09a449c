import type { ItemAttributes } from '@perennial/core'
import type { VectorIndex } from '../retrieval/vector-index.ts'

/** Derives vectors of items that training did not know. */
export interface NewItemVectors {
  /** Rises whenever a vector changes. */
  readonly version: number
  /**
   * Gives an item the mean vector of the trained items in the narrowest category of its path that has any.
   *
   * @returns How the vector came to be; with `none` no search finds the item until somebody bought it.
   */
  place(itemRow: number): 'category' | 'none'
  /** Draws the vector of each untrained item towards what the same customer bought around it. */
  learn(itemRows: readonly number[], ownRows: ArrayLike<number>): void
}

/** Purchases that the mean of a category counts for against those of the item itself. */
const CATEGORY_WEIGHT = 3
/** Trained items that the mean of a category is taken of. */
const MAX_CATEGORY_ITEMS = 1000
/** Newest other items of a customer that say what a new item is like. */
const MAX_OWN_ITEMS = 10

/** What is known of one new item. */
interface Placement {
  /** Shape `[dim]`: mean of its category; zeros without one. */
  readonly prior: Float32Array
  readonly priorWeight: number
  /** Shape `[dim]`: sum over purchases of the mean vector of what their customers own. */
  readonly sum: Float32Array
  numPurchases: number
}

/** Derives vectors for items of rows after those of the artifact, as long as the index lives. */
export function createNewItemVectors(
  index: Pick<VectorIndex, 'dim' | 'readVector' | 'set' | 'remove'>,
  {
    attributes,
    isTrained,
  }: {
    readonly attributes: ItemAttributes
    readonly isTrained: (itemRow: number) => boolean
  },
): NewItemVectors {
  const { dim } = index
  const placements = new Map<number, Placement>()
  const vector = new Float32Array(dim)
  let version = 0

  const meanOf = (itemRows: readonly number[]): Float32Array => {
    const mean = new Float32Array(dim)
    for (const itemRow of itemRows) {
      index.readVector(itemRow, vector, 0)
      for (let d = 0; d < dim; d++)
        mean[d] = (mean[d] as number) + (vector[d] as number) / itemRows.length
    }
    return mean
  }
  const write = (itemRow: number, placement: Placement): void => {
    const { prior, priorWeight, sum, numPurchases } = placement
    const weight = priorWeight + numPurchases
    version++
    index.set(
      itemRow,
      prior.map((value, d) =>
        weight === 0 ? 0 : (priorWeight * value + (sum[d] as number)) / weight,
      ),
    )
    if (weight === 0) index.remove(itemRow)
  }

  return {
    get version() {
      return version
    },
    place: (itemRow) => {
      const members = categoryMembers(attributes, itemRow, isTrained)
      const placement: Placement = {
        prior: meanOf(members),
        priorWeight: members.length === 0 ? 0 : CATEGORY_WEIGHT,
        sum: placements.get(itemRow)?.sum ?? new Float32Array(dim),
        numPurchases: placements.get(itemRow)?.numPurchases ?? 0,
      }
      placements.set(itemRow, placement)
      write(itemRow, placement)
      return members.length === 0 ? 'none' : 'category'
    },
    learn: (itemRows, ownRows) => {
      for (const itemRow of new Set(itemRows)) {
        const placement = placements.get(itemRow)
        if (placement === undefined) continue
        const around = [...new Set(Array.from(ownRows).reverse())]
          .filter((row) => row !== itemRow && isTrained(row))
          .slice(0, MAX_OWN_ITEMS)
        if (around.length === 0) continue
        const mean = meanOf(around)
        for (let d = 0; d < dim; d++)
          placement.sum[d] = (placement.sum[d] as number) + (mean[d] as number)
        placement.numPurchases++
        write(itemRow, placement)
      }
    },
  }
}

/** Returns trained items of the narrowest category of an item's path that has any. */
function categoryMembers(
  attributes: ItemAttributes,
  itemRow: number,
  isTrained: (itemRow: number) => boolean,
): number[] {
  const { categories, categoryCodes, numItems } = attributes
  const own = categoryCodes[itemRow] as number
  for (let level = attributes.categoryPathOf(itemRow).length; level > 0; level--) {
    const wanted = categories.atLevel(own, level)
    const isUnder = Uint8Array.from(categories.paths, (_, code) =>
      categories.atLevel(code, level) === wanted ? 1 : 0,
    )
    const members: number[] = []
    for (let row = 1; row <= numItems && members.length < MAX_CATEGORY_ITEMS; row++)
      if (isUnder[categoryCodes[row] as number] === 1 && isTrained(row)) members.push(row)
    if (members.length > 0) return members
  }
  return []
}
