import type { Dataset } from '../data/dataset.ts'
import type { Scorer } from '../scorer.ts'
import { collectOwnItems, writeOwnItems } from './own-items.ts'
import { createPopularityFill } from './popularity-fill.ts'

/**
 * Returns a scorer that ranks a user's own items by the number of days they were bought on.
 *
 * Ties go to the item bought last, then to the more popular one; items never bought follow by popularity.
 * Scores are ranks: above 0 for own items, minus the popularity rank for the others.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends;
 * popularity is taken from before it.
 * @see Li et al. 2023, {@link https://arxiv.org/abs/2109.14233 | arXiv:2109.14233} (P-TopFreq and GP-TopFreq).
 */
export function createPersonalFrequency(dataset: Dataset, trainEnds: Int32Array): Scorer {
  const fill = createPopularityFill(dataset, trainEnds)
  const { popularity } = fill
  const width = popularity.length
  return {
    name: 'personal-frequency',
    scoreBatch(histories, scores) {
      histories.forEach((history, b) => {
        const order = collectOwnItems(history, () => 1).sort(
          (x, y) =>
            y.weight - x.weight ||
            x.age - y.age ||
            (popularity[y.itemRow] as number) - (popularity[x.itemRow] as number),
        )
        writeOwnItems(order, scores.subarray(b * width, (b + 1) * width), fill)
      })
    },
  }
}
