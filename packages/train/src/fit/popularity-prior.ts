import { buildBaskets, countPurchases, type Dataset, dayOf, historyOf } from '@perennial/core'
import type { PriorLogits } from '../engine/engine.ts'

/** Days after which a purchase counts half. */
const HALF_LIFE_DAYS = 30
const WEEK_DAYS = 7

/** How popular each item was at the start of each week of the training part, as logits. */
export interface PopularityPrior {
  /** Shape `[numItems + 1]` each; the first is of the first training week, the last of the week after the last. */
  readonly weeks: readonly Float32Array[]
  /** Returns the position in `weeks` of a question's week, from seconds since 1970 UTC. */
  weekOf(seconds: number): number
  /** What a question after training adds: shape `[numItems + 1]`. */
  readonly final: Float32Array
}

/**
 * Returns `weight ln(1 + c)` for each item and week: `c` counts the purchases before the week (distinct items of a
 * user's day), each `0.5^(age / 30)`, its age in days before the week's eve. A question sees nothing of its own week.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 * @throws {@link RecommenderError} `DATASET_MISMATCH` if the data has no real times.
 */
export function createPopularityPrior(
  dataset: Dataset,
  trainEnds: Int32Array,
  weight: number,
): PopularityPrior {
  const { sequences, catalog } = dataset
  const { firstWeek, numWeeks } = trainingWeeks(dataset, trainEnds)
  const weeks = Array.from({ length: numWeeks + 1 }, () => new Float32Array(catalog.numItems + 1))
  trainEnds.forEach((end, u) => {
    const { days, offsets, itemRows } = buildBaskets(historyOf(sequences, u, end, Infinity))
    days.forEach((day, b) => {
      const week = Math.floor(day / WEEK_DAYS) + 1
      const counts = weeks[week - firstWeek] as Float32Array
      const share = 0.5 ** ((week * WEEK_DAYS - 1 - day) / HALF_LIFE_DAYS)
      for (const row of itemRows.subarray(offsets[b], offsets[b + 1]))
        counts[row] = (counts[row] as number) + share
    })
  })
  const decay = 0.5 ** (WEEK_DAYS / HALF_LIFE_DAYS)
  weeks.forEach((counts, w) => {
    const before = weeks[w - 1]
    if (before === undefined) return
    for (let row = 1; row < counts.length; row++)
      counts[row] = (counts[row] as number) + decay * (before[row] as number)
  })
  const toLogits = (counts: ArrayLike<number>): Float32Array =>
    Float32Array.from(counts, (count) => weight * Math.log1p(count))
  return {
    weeks: weeks.map(toLogits),
    weekOf: (seconds) => {
      const week = Math.floor(dayOf(1000 * seconds) / WEEK_DAYS) - firstWeek
      return Math.min(numWeeks, Math.max(0, week))
    },
    final: toLogits(countPurchases(dataset, trainEnds, { halfLifeDays: HALF_LIFE_DAYS })),
  }
}

/**
 * Returns what the prior adds to the logits of a batch.
 *
 * @param outputs - Item rows that can be answers.
 * @param questions - Tokens that are asked, and when each token is.
 */
export function priorOf(
  { weeks, weekOf }: PopularityPrior,
  outputs: Int32Array,
  {
    questions,
    askedSeconds,
  }: { readonly questions: Int32Array; readonly askedSeconds: Float64Array },
): PriorLogits {
  const places = new Map<number, number>()
  const rows = questions.map((token) => {
    const week = weekOf(askedSeconds[token] as number)
    const place = places.get(week) ?? places.size
    places.set(week, place)
    return place
  })
  const values = new Float32Array(places.size * outputs.length)
  for (const [week, place] of places) {
    const logits = weeks[week] as Float32Array
    outputs.forEach((row, i) => {
      values[place * outputs.length + i] = logits[row] as number
    })
  }
  return { values, rows }
}

/** Returns the first week of the training events, counted from 1970, and how many weeks they reach over. */
export function trainingWeeks(
  { sequences }: Pick<Dataset, 'sequences'>,
  trainEnds: Int32Array,
): { readonly firstWeek: number; readonly numWeeks: number } {
  let first = Infinity
  let last = -Infinity
  trainEnds.forEach((end, u) => {
    const start = sequences.offsets[u] as number
    if (end === start) return
    first = Math.min(first, sequences.timestampMs[start] as number)
    last = Math.max(last, sequences.timestampMs[end - 1] as number)
  })
  if (last < first) return { firstWeek: 0, numWeeks: 0 }
  const weekOf = (timeMs: number): number => Math.floor(dayOf(timeMs) / WEEK_DAYS)
  return { firstWeek: weekOf(first), numWeeks: weekOf(last) - weekOf(first) + 1 }
}
