import { type Customer, decayedProfile } from './customer.ts'
import { ItemScores } from './item-scores.ts'
import type { Population } from './population.ts'
import { bestNew, type Signal } from './signal.ts'

/** Added to a score before its logarithm. */
const FLOOR = 1e-4

/**
 * Returns what the nearest users bought, as signals: lately (`user_knn`, and `user_knn_15` for the very newest), and ever.
 *
 * @see Recipe in docs/concepts.md: users compared by the cosine of decayed vectors; no training.
 */
export function createNeighborSignals(population: Population): Signal[] {
  const kinds = [
    {
      name: 'user_knn',
      kind: 0,
      formula: 'similarity-weighted mean of their purchases, each counting half after 30 days',
    },
    { name: 'user_knn_15', kind: 1, formula: 'the same, each counting half after 15 days' },
    {
      name: 'user_knn_ever',
      kind: 'ever',
      formula: 'similarity-weighted share of them that ever bought it',
    },
  ] as const
  const scores = kinds.map(() => new ItemScores(population.numItems))
  let customer: Customer | undefined
  const turnTo = (next: Customer): void => {
    if (next === customer) return
    customer = next
    const profile = decayedProfile(next, population.similarityHalfLifeDays)
    const neighbors = population.nearest(profile, next.userRow)
    kinds.forEach(({ kind }, n) => {
      const target = scores[n] as ItemScores
      target.clear()
      population.addPurchasesOf(neighbors, target, { kind, asOfDay: next.asOfDay })
    })
  }
  return kinds.map(({ name, formula }, n) => ({
    name,
    formula: `log(${FLOOR} + s), s over the 200 users nearest by decayed purchases: ${formula}`,
    unit: 'log purchases',
    turnTo,
    valueOf: (itemRow) => Math.log((scores[n] as ItemScores).of(itemRow) + FLOOR),
    best: (count) => bestNew(scores[n] as ItemScores, customer as Customer, count),
  }))
}
