import { buildBaskets } from '../data/baskets.ts'
import type { Dataset } from '../data/dataset.ts'
import { historyOf } from '../data/sequences.ts'
import { checkChoice, checkInteger, checkNumber } from '../errors.ts'
import type { Scorer } from '../scorer.ts'
import { selectTopK } from '../top-k.ts'
import { collectOwnItems } from './own-items.ts'
import { createPopularityFill } from './popularity-fill.ts'

/** Options of {@link createItemKnn}. */
export interface ItemKnnOptions {
  /** Neighbours kept an item; 1 or more. @defaultValue 30 */
  readonly neighbors?: number | undefined
  /** Added to the divisor, so that a few shared buyers do not make a neighbour; 0 or more. @defaultValue 10 */
  readonly shrinkage?: number | undefined
  /** Days after which an own purchase counts half; above 0. @defaultValue 120 */
  readonly halfLifeDays?: number | undefined
  /**
   * What two items must share to be neighbours: a day of a user, or his whole history.
   *
   * @defaultValue 'basket', but 'history' where times are not real and a day may hold one event
   */
  readonly sharing?: 'basket' | 'history' | undefined
}

/**
 * Returns a scorer that recommends what is bought by the buyers of the user's own items.
 *
 * `score(u, j) = sum over own purchases i of 0.5^(age / halfLifeDays) * sim(i, j)`, where
 * `sim(i, j) = n(i, j) / (sqrt(n(i) n(j)) + shrinkage)`, `n(i)` counts the histories (or baskets) that hold
 * `i` and `n(i, j)` those that hold both. An item is not its own neighbour, so repeats are not favoured.
 * Items without a score follow by popularity, below 0.
 *
 * Holds up to `8 * neighbors` bytes an item; building takes time by the sum of squared history (or basket) lengths.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 * @see Deshpande and Karypis 2004, {@link https://doi.org/10.1145/963770.963776 | Item-based top-N recommendation};
 * shrinkage as in Ferrari Dacrema et al. 2019, {@link https://arxiv.org/abs/1907.06902 | arXiv:1907.06902}.
 * Differs: own purchases are weighted by recency.
 */
export function createItemKnn(
  dataset: Dataset,
  trainEnds: Int32Array,
  {
    neighbors = 30,
    shrinkage = 10,
    halfLifeDays = 120,
    sharing = dataset.timeKind === 'timestamp' ? 'basket' : 'history',
  }: ItemKnnOptions = {},
): Scorer {
  checkInteger('neighbors', neighbors, 1)
  checkNumber('shrinkage', shrinkage, 0)
  checkNumber('halfLifeDays', halfLifeDays, Number.MIN_VALUE)
  checkChoice('sharing', sharing, ['history', 'basket'])
  const fill = createPopularityFill(dataset, trainEnds).scores
  const groups = collectGroups(dataset, trainEnds, sharing)
  const similar = findNeighbors(groups, {
    numItems: dataset.catalog.numItems,
    neighbors,
    shrinkage,
  })
  const width = fill.length
  return {
    name: 'item-knn',
    scoreBatch(histories, scores) {
      histories.forEach((history, b) => {
        const row = scores.subarray(b * width, (b + 1) * width)
        row.fill(0)
        const weigh = (age: number): number => 0.5 ** (age / halfLifeDays)
        for (const { itemRow, weight } of collectOwnItems(history, weigh)) {
          const { rows, values } = similar[itemRow] as Neighbors
          for (let n = 0; n < rows.length; n++) {
            const j = rows[n] as number
            row[j] = (row[j] as number) + weight * (values[n] as number)
          }
        }
        for (let j = 0; j < width; j++) if (row[j] === 0) row[j] = fill[j] as number
      })
    },
  }
}

/** Groups of distinct items (histories or baskets) as compressed sparse rows. */
interface Groups {
  readonly offsets: Int32Array
  readonly itemRows: Int32Array
}

function collectGroups(
  { sequences }: Dataset,
  trainEnds: Int32Array,
  sharing: 'history' | 'basket',
): Groups {
  const offsets = [0]
  const items: number[] = []
  for (let u = 0; u < sequences.numUsers; u++) {
    const baskets = buildBaskets(historyOf(sequences, u, trainEnds[u] as number, Infinity))
    if (sharing === 'history') {
      for (const itemRow of new Set(baskets.itemRows)) items.push(itemRow)
      offsets.push(items.length)
      continue
    }
    const base = items.length
    for (const itemRow of baskets.itemRows) items.push(itemRow)
    for (const end of baskets.offsets.subarray(1)) offsets.push(base + end)
  }
  return { offsets: Int32Array.from(offsets), itemRows: Int32Array.from(items) }
}

interface Neighbors {
  readonly rows: Int32Array
  readonly values: Float32Array
}

function findNeighbors(
  groups: Groups,
  options: { numItems: number; neighbors: number; shrinkage: number },
): Neighbors[] {
  const { offsets, itemRows } = groups
  const groupsOf = Array.from({ length: options.numItems + 1 }, (): number[] => [])
  for (let g = 0; g + 1 < offsets.length; g++) {
    for (let p = offsets[g] as number; p < (offsets[g + 1] as number); p++) {
      groupsOf[itemRows[p] as number]?.push(g)
    }
  }
  const counts = new Int32Array(groupsOf.length)
  return groupsOf.map((own, i) => {
    const shared: number[] = []
    for (const g of own) {
      for (let p = offsets[g] as number; p < (offsets[g + 1] as number); p++) {
        const j = itemRows[p] as number
        if (j === i) continue
        if (counts[j] === 0) shared.push(j)
        counts[j] = (counts[j] as number) + 1
      }
    }
    const similarities = new Float32Array(shared.length)
    for (let n = 0; n < shared.length; n++) {
      const j = shared[n] as number
      const product = own.length * (groupsOf[j] as number[]).length
      similarities[n] = (counts[j] as number) / (Math.sqrt(product) + options.shrinkage)
      counts[j] = 0
    }
    const best = selectTopK(similarities, options.neighbors)
    return {
      rows: Int32Array.from(best, (n) => shared[n] as number),
      values: Float32Array.from(best, (n) => similarities[n] as number),
    }
  })
}
