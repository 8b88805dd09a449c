import { dayOf } from '../data/baskets.ts'
import type { Dataset } from '../data/dataset.ts'
import { checkInteger, checkNumber } from '../errors.ts'
import { decayedProfile, describeCustomer } from '../lifecycle/customer.ts'
import { ItemScores } from '../lifecycle/item-scores.ts'
import { Population } from '../lifecycle/population.ts'
import type { Scorer } from '../scorer.ts'
import { countPurchases } from './popularity.ts'

/** Options of {@link createNeighborBlend}; half-lives in days, above 0. */
export interface NeighborBlendOptions {
  /** Days after which an own purchase counts half. @defaultValue 120 */
  readonly halfLifeDays?: number | undefined
  /** The same of the neighbours' purchases. @defaultValue 15 */
  readonly neighborHalfLifeDays?: number | undefined
  /** The same of purchases by which users are compared. @defaultValue 180 */
  readonly similarityHalfLifeDays?: number | undefined
  /** How much the neighbours' purchases weigh beside the own; 0 or more. @defaultValue 16 */
  readonly neighborWeight?: number | undefined
  /** Nearest users; 1 or more. @defaultValue 200 */
  readonly neighbors?: number | undefined
}

/** What popularity adds to a score, so that it decides between equals only. */
const TIE_BREAK = 1e-6

/**
 * Returns a scorer that adds what the nearest users bought lately to a user's own decayed purchases. Nothing is trained.
 *
 * `score(u, i) = dec_120(u, i) + 16 sum over the 200 nearest v of cos(u, v) dec_15(v, i) / sum of cos(u, v) + 1e-6 popularity(i)`,
 * `dec_h(u, i) = sum over the days on which u bought i of 0.5^(age / h)`; cosines are of `dec_180`, the user himself left out.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 */
export function createNeighborBlend(
  dataset: Dataset,
  trainEnds: Int32Array,
  {
    halfLifeDays = 120,
    neighborHalfLifeDays = 15,
    similarityHalfLifeDays = 180,
    neighborWeight = 16,
    neighbors = 200,
  }: NeighborBlendOptions = {},
): Scorer {
  checkNumber('halfLifeDays', halfLifeDays, Number.MIN_VALUE)
  checkNumber('neighborHalfLifeDays', neighborHalfLifeDays, Number.MIN_VALUE)
  checkNumber('similarityHalfLifeDays', similarityHalfLifeDays, Number.MIN_VALUE)
  checkNumber('neighborWeight', neighborWeight, 0)
  checkInteger('neighbors', neighbors, 1)
  const { numItems } = dataset.catalog
  const population = new Population({
    numItems,
    similarityHalfLifeDays,
    recentHalfLivesDays: [neighborHalfLifeDays],
    neighbors,
  })
  const { sequences } = dataset
  for (let u = 0; u < sequences.numUsers; u++)
    for (let e = sequences.offsets[u] as number; e < (trainEnds[u] as number); e++)
      population.add(u, sequences.itemRows[e] as number, dayOf(sequences.timestampMs[e] as number))
  const popularity = countPurchases(
    dataset,
    trainEnds,
    dataset.timeKind === 'timestamp' ? { halfLifeDays: 30 } : {},
  )
  const sums = new ItemScores(numItems)
  return {
    name: 'neighbor-blend',
    scoreBatch(histories, scores) {
      histories.forEach((history, b) => {
        const customer = describeCustomer(history)
        sums.clear()
        population.addPurchasesOf(
          population.nearest(decayedProfile(customer, similarityHalfLifeDays), history.userRow),
          [sums],
          customer.asOfDay,
        )
        const row = scores.subarray(b * popularity.length, (b + 1) * popularity.length)
        for (let i = 0; i < row.length; i++)
          row[i] = neighborWeight * sums.of(i) + TIE_BREAK * (popularity[i] as number)
        const own = decayedProfile(customer, halfLifeDays)
        own.itemRows.forEach((itemRow, n) => {
          row[itemRow] = (row[itemRow] as number) + (own.weights[n] as number)
        })
      })
    },
  }
}
