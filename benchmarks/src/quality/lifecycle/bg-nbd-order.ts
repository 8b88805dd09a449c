import {
  buildBaskets,
  countPurchases,
  createRng,
  type Dataset,
  dayOf,
  expectedVisits,
  fitBgNbd,
  type History,
  historyOf,
  type Scorer,
  type VisitCounts,
} from '@perennial/core'

/** Options of {@link createBgNbdOrder}. */
export interface BgNbdOrderOptions {
  /** Day of the question; days since 1970-01-01 UTC. */
  readonly cutDay: number
  readonly horizonDays: number
}

/** Pairs of a customer and an item that the model is fitted on, drawn at random; more change its four numbers little. */
const MAX_PAIRS = 20_000
const UNIT_DAYS = 7
const SEED = 1

/**
 * Returns a scorer that ranks a customer's own items by how often BG/NBD expects each to be bought within the horizon.
 *
 * The model takes the pair of a customer and an item for a customer of its own. Equals, and items that he does not own
 * after them, go by popularity with a half-life of 30 days.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 */
export function createBgNbdOrder(
  dataset: Dataset,
  trainEnds: Int32Array,
  { cutDay, horizonDays }: BgNbdOrderOptions,
): Scorer {
  const model = fitBgNbd(drawPairs(dataset, trainEnds, cutDay))
  const popularity = countPurchases(dataset, trainEnds, { halfLifeDays: 30 })
  const rows = Int32Array.from({ length: popularity.length - 1 }, (_, i) => i + 1)
  rows.sort((a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b)
  const fill = new Float32Array(popularity.length)
  rows.forEach((itemRow, i) => {
    fill[itemRow] = -1 - i
  })
  return {
    name: 'bg-nbd-order',
    scoreBatch(histories, scores) {
      histories.forEach((history, b) => {
        const row = scores.subarray(b * fill.length, (b + 1) * fill.length)
        row.set(fill)
        const { itemRows, counts } = countPairs(history, dayOf(history.asOfMs))
        const expected = expectedVisits(model, counts, horizonDays)
        const order = Int32Array.from(itemRows.keys()).sort(
          (x, y) =>
            (expected[y] as number) - (expected[x] as number) ||
            (popularity[itemRows[y] as number] as number) -
              (popularity[itemRows[x] as number] as number),
        )
        order.forEach((n, place) => {
          row[itemRows[n] as number] = order.length - place
        })
      })
    },
  }
}

/** Returns the counts of a history's items, each as if it were a customer. */
function countPairs(
  history: Pick<History, 'itemRows' | 'timestampMs' | 'quantities'>,
  asOfDay: number,
): { readonly itemRows: number[]; readonly counts: VisitCounts } {
  const { days, offsets, itemRows } = buildBaskets(history)
  const pairs = new Map<number, { first: number; last: number; count: number }>()
  days.forEach((day, v) => {
    for (const itemRow of itemRows.subarray(offsets[v], offsets[v + 1])) {
      const pair = pairs.get(itemRow)
      if (pair === undefined) pairs.set(itemRow, { first: day, last: day, count: 1 })
      else {
        pair.last = day
        pair.count++
      }
    }
  })
  const known = [...pairs.values()]
  return {
    itemRows: [...pairs.keys()],
    counts: {
      frequencies: Float64Array.from(known, ({ count }) => count - 1),
      recencies: Float64Array.from(known, ({ first, last }) => (last - first) / UNIT_DAYS),
      ages: Float64Array.from(known, ({ first }) => (asOfDay - 1 - first) / UNIT_DAYS),
      unitDays: UNIT_DAYS,
    },
  }
}

/** Returns the counts of pairs of all users: all, or about as many as the model is fitted on. */
function drawPairs({ sequences }: Dataset, trainEnds: Int32Array, cutDay: number): VisitCounts {
  const parts = Array.from(trainEnds, (end, u) =>
    countPairs(historyOf(sequences, u, end, Infinity), cutDay),
  )
  const total = parts.reduce((sum, { itemRows }) => sum + itemRows.length, 0)
  const rng = createRng(SEED)
  const isDrawn = Uint8Array.from({ length: total }, () => (rng.next() * total < MAX_PAIRS ? 1 : 0))
  const drawn = (of: (counts: VisitCounts) => Float64Array): Float64Array =>
    Float64Array.from(parts.flatMap(({ counts }) => Array.from(of(counts)))).filter(
      (_, i) => isDrawn[i] === 1,
    )
  return {
    frequencies: drawn(({ frequencies }) => frequencies),
    recencies: drawn(({ recencies }) => recencies),
    ages: drawn(({ ages }) => ages),
    unitDays: UNIT_DAYS,
  }
}
