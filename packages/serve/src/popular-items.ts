import { selectTopK } from '@perennial/core'

/** Which popular items are wanted. */
export interface PopularOptions {
  /** Shape `[numItems + 1]` or longer, 0 for items left out; `undefined` when every item is allowed. */
  readonly allowed: Uint8Array | undefined
  /** Items by row, highest row included. */
  readonly numItems: number
  /** Item rows that are not wanted again. @defaultValue none */
  readonly taken?: ReadonlySet<number> | undefined
}

/** The items bought most often lately. */
export interface PopularItems {
  /** Shape `[numArtifactItems + 1]`: how often each item was bought. */
  readonly popularity: Float32Array
  /** Returns how often an item was bought; 0 for one that training did not know. */
  popularityOf(itemRow: number): number
  /** Returns up to `count` item rows, the most popular first; equal ones by item row. */
  best(count: number, options: PopularOptions): number[]
}

/** Items kept in order. A question that leaves fewer of them than it asks for looks at all items. */
const NUM_ORDERED = 10_000

/**
 * Orders items by popularity once, so that an answer need not look at a whole catalogue.
 *
 * @param popularity - Shape `[numItems + 1]`; items of later rows count as never bought.
 */
export function createPopularItems(popularity: Float32Array): PopularItems {
  const order = selectTopK(popularity, Math.min(NUM_ORDERED, popularity.length - 1), 1)
  const popularityOf = (itemRow: number): number => popularity[itemRow] ?? 0
  return {
    popularity,
    popularityOf,
    best: (count, { allowed, numItems, taken }) => {
      const isWanted = (row: number): boolean => allowed?.[row] !== 0 && !taken?.has(row)
      const best: number[] = []
      for (const row of order) {
        if (best.length === count) return best
        if (isWanted(row)) best.push(row)
      }
      if (best.length === count || order.length === numItems) return best
      const scores = new Float32Array(numItems + 1).fill(-Infinity)
      for (let row = 1; row <= numItems; row++) if (isWanted(row)) scores[row] = popularityOf(row)
      return Array.from(selectTopK(scores, Math.min(count, numItems), 1))
    },
  }
}
