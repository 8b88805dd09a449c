import type { Dataset } from '../data/dataset.ts'
import { checkNumber } from '../errors.ts'
import type { Scorer } from '../scorer.ts'
import { collectOwnItems, writeOwnItems } from './own-items.ts'
import { createPopularityFill } from './popularity-fill.ts'

/** Options of {@link createDecayedFrequency}. */
export interface DecayedFrequencyOptions {
  /** Days after which a purchase counts half; above 0. @defaultValue 120 */
  readonly halfLifeDays?: number | undefined
}

/**
 * Returns a scorer that ranks a user's own items by their decayed purchase count.
 *
 * `weight(u, i) = sum over the distinct days d on which u bought i of 0.5^((asOf - d) / halfLifeDays)`.
 * Ties go to the more popular item; items never bought follow by popularity. Scores are ranks: above 0 for
 * own items, minus the popularity rank for the others.
 *
 * Most of a basket is bought once and on one day, so ties are many and their order is worth as much as
 * some models: see `test/published-baselines.test.ts`.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends;
 * popularity is taken from before it.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the half-life is not above 0.
 */
export function createDecayedFrequency(
  dataset: Dataset,
  trainEnds: Int32Array,
  { halfLifeDays = 120 }: DecayedFrequencyOptions = {},
): Scorer {
  checkNumber('halfLifeDays', halfLifeDays, Number.MIN_VALUE)
  const fill = createPopularityFill(dataset, trainEnds)
  const { popularity } = fill
  const width = popularity.length
  return {
    name: 'decayed-frequency',
    scoreBatch(histories, scores) {
      histories.forEach((history, b) => {
        const order = collectOwnItems(history, (age) => 0.5 ** (age / halfLifeDays)).sort(
          (x, y) =>
            y.weight - x.weight ||
            (popularity[y.itemRow] as number) - (popularity[x.itemRow] as number),
        )
        writeOwnItems(order, scores.subarray(b * width, (b + 1) * width), fill)
      })
    },
  }
}
