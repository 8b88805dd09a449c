import { selectTopK } from '../top-k.ts'
import type { Customer } from './customer.ts'
import type { Signal } from './signal.ts'

/** A sequence model as far as it scores items. */
export interface SequenceScores {
  /** Shape `[numItems + 1, dim]`, row-major: what queries are multiplied with. */
  readonly vectors: Float32Array
  readonly dim: number
  /** Added to the score of each item: shape `[numItems + 1]`. @defaultValue nothing */
  readonly prior?: Float32Array | null | undefined
  /** Returns the query vector of a customer's history, shape `[dim]`; `undefined` for an empty one. */
  readonly queryOf: (customer: Customer) => Float32Array | undefined
}

/** Returns the sequence model's score as a signal: the inner product of query and item vector. */
export function createSequenceSignal({ vectors, dim, prior, queryOf }: SequenceScores): Signal {
  const scores = new Float32Array(vectors.length / dim)
  let customer: Customer | undefined
  return {
    name: 'sequence',
    formula:
      'inner product of the query vector of the history and the item vector, with the prior of the item',
    unit: 'logit',
    turnTo: (next) => {
      if (next === customer) return
      customer = next
      const query = queryOf(next)
      if (query === undefined) return void scores.fill(Number.NaN)
      for (let i = 0; i < scores.length; i++) {
        let sum = prior?.[i] ?? 0
        for (let d = 0; d < dim; d++) sum += (query[d] as number) * (vectors[i * dim + d] as number)
        scores[i] = sum
      }
    },
    valueOf: (itemRow) => scores[itemRow] as number,
    best: (count) => {
      const own = customer?.own
      const values = scores.map((score, itemRow) => (own?.has(itemRow) ? -Infinity : score))
      return selectTopK(values, Math.min(count, values.length), 1)
    },
  }
}
