import { type Customer, decayedProfile } from './customer.ts'
import { ItemScores } from './item-scores.ts'
import type { Population } from './population.ts'
import { bestNew, type Signal } from './signal.ts'

/** Added to a neighbours' score before its logarithm. */
export const NEIGHBOR_FLOOR = 1e-4

/** Names of the signals for the half-lives of a population, in their order. */
const RECENT_NAMES = ['user_knn', 'user_knn_newest'] as const

/**
 * Returns what the nearest users bought, as signals: lately, by one half-life or two, and ever. Nothing is trained.
 */
export function createNeighborSignals(population: Population): Signal[] {
  const { recentHalfLivesDays, numNeighbors } = population
  const kinds = [
    ...RECENT_NAMES.slice(0, recentHalfLivesDays.length).map((name, n) => ({
      name,
      formula: `similarity-weighted mean of their purchases, each counting half after ${recentHalfLivesDays[n]} days`,
    })),
    {
      name: 'user_knn_ever',
      formula: 'similarity-weighted share of them that ever bought it',
    },
  ]
  const scores = kinds.map(() => new ItemScores(population.numItems))
  let customer: Customer | undefined
  const turnTo = (next: Customer): void => {
    if (next === customer) return
    customer = next
    const profile = decayedProfile(next, population.similarityHalfLifeDays)
    const neighbors = population.nearest(profile, next.userRow)
    for (const target of scores) target.clear()
    population.addPurchasesOf(neighbors, scores, next.asOfDay)
  }
  return kinds.map(({ name, formula }, n) => ({
    name,
    formula: `log(${NEIGHBOR_FLOOR} + s), s over the ${numNeighbors} users nearest by decayed purchases: ${formula}`,
    unit: 'log purchases',
    turnTo,
    valueOf: (itemRow) => Math.log((scores[n] as ItemScores).of(itemRow) + NEIGHBOR_FLOOR),
    best: (count) => bestNew(scores[n] as ItemScores, customer as Customer, count),
  }))
}
