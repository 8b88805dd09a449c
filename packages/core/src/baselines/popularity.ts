import { buildBaskets, dayOf } from '../data/baskets.ts'
import type { Dataset } from '../data/dataset.ts'
import { historyOf } from '../data/sequences.ts'
import { checkNumber, RecommenderError } from '../errors.ts'
import type { Scorer } from '../scorer.ts'

/** Options of {@link createPopularity}. */
export interface PopularityOptions {
  /** Counts only the days fewer than this before the last training day; above 0. @defaultValue all days */
  readonly windowDays?: number | undefined
  /** Days after which a purchase counts half; above 0. @defaultValue no decay */
  readonly halfLifeDays?: number | undefined
}

/**
 * Returns how often each item was bought before training ends: shape `[numItems + 1]`.
 *
 * A purchase is a distinct item on a distinct day of a user; it counts `0.5^(age / halfLifeDays)`, its
 * age in days before the last training day.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option; `DATASET_MISMATCH` if an option
 * needs the calendar and the data has no real times.
 */
export function countPurchases(
  dataset: Dataset,
  trainEnds: Int32Array,
  { windowDays, halfLifeDays }: PopularityOptions = {},
): Float64Array {
  checkNumber('windowDays', windowDays ?? 1, Number.MIN_VALUE)
  checkNumber('halfLifeDays', halfLifeDays ?? 1, Number.MIN_VALUE)
  if (dataset.timeKind === 'ordinal' && (windowDays ?? halfLifeDays) !== undefined) {
    throw new RecommenderError(
      'DATASET_MISMATCH',
      'Expected a data set with real times for `windowDays` or `halfLifeDays`, got one that knows only the order of events; leave both out.',
    )
  }
  const { sequences, catalog } = dataset
  const lastDay = lastTrainingDay(dataset, trainEnds)
  const counts = new Float64Array(catalog.numItems + 1)
  for (let u = 0; u < sequences.numUsers; u++) {
    const { days, offsets, itemRows } = buildBaskets(
      historyOf(sequences, u, trainEnds[u] as number, Infinity),
    )
    days.forEach((day, b) => {
      const age = lastDay - day
      if (windowDays !== undefined && age >= windowDays) return
      const weight = halfLifeDays === undefined ? 1 : 0.5 ** (age / halfLifeDays)
      for (const itemRow of itemRows.subarray(offsets[b], offsets[b + 1])) {
        counts[itemRow] = (counts[itemRow] as number) + weight
      }
    })
  }
  return counts
}

/**
 * Returns a scorer that ranks items by how often they were bought, the same for everyone.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 * @throws {@link RecommenderError} as {@link countPurchases}.
 */
export function createPopularity(
  dataset: Dataset,
  trainEnds: Int32Array,
  options: PopularityOptions = {},
): Scorer {
  const row = Float32Array.from(countPurchases(dataset, trainEnds, options))
  return {
    name: 'popularity',
    scoreBatch(histories, scores) {
      for (let b = 0; b < histories.length; b++) scores.set(row, b * row.length)
    },
  }
}

function lastTrainingDay({ sequences }: Dataset, trainEnds: Int32Array): number {
  let last = -Infinity
  for (let u = 0; u < sequences.numUsers; u++) {
    const end = trainEnds[u] as number
    if (end > (sequences.offsets[u] as number)) {
      last = Math.max(last, dayOf(sequences.timestampMs[end - 1] as number))
    }
  }
  return last
}
