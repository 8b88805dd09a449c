import type { LazyOrder } from './lazy-order.ts'

/** Options of {@link createDiverseList}. Positions are those of `values`. */
export interface DiverseListOptions {
  /** Weight of being unlike the items before, `0..1`. */
  readonly strength: number
  /** Returns how alike two candidates are, `-1..1`; below 0 counts as 0. */
  readonly similarity: (a: number, b: number) => number
  /** Groups of which a list may hold so many: returns the group of a candidate, or a negative number for none. */
  readonly caps: readonly { readonly max: number; readonly groupOf: (position: number) => number }[]
}

/** A list that grows. */
export interface DiverseList {
  /** Positions taken, in the order in which they were. */
  readonly taken: readonly number[]
  /** Whether a group of each was full when it was taken. */
  readonly overCap: readonly boolean[]
  /** Takes a candidate whatever its value and group. */
  take(position: number): void
  /**
   * Takes candidates until `length` are taken or none is left.
   *
   * @param order - Candidates, the highest value first; those taken before are left out.
   * @param options - `ignoreCaps`: whether full groups are taken from as well.
   */
  fill(order: LazyOrder, options: { readonly length: number; readonly ignoreCaps: boolean }): void
}

/**
 * Creates an empty list that takes the candidates with the highest marginal relevance, one after another:
 * `(1 - strength) * value(i) - strength * max over taken j of similarity(i, j)`; of equals the first in order.
 *
 * A candidate is compared with the taken ones only while its value alone could still make it the next, so the cost is
 * `k * candidates` at most and far less with a low strength.
 *
 * @param values - Shape `[candidates]`: what each is worth by itself.
 * @see Carbonell and Goldstein 1998, {@link https://doi.org/10.1145/290941.291025 | doi:10.1145/290941.291025}, with
 * `lambda = 1 - strength`.
 * Differs: a similarity below 0 counts as 0, so that being the opposite of a taken item is no merit; and groups may be full.
 */
export function createDiverseList(values: Float64Array, options: DiverseListOptions): DiverseList {
  const { strength, similarity, caps } = options
  const taken: number[] = []
  const overCap: boolean[] = []
  const isTaken = new Uint8Array(values.length)
  const nearest = new Float64Array(values.length)
  const numCompared = new Int32Array(values.length)
  const counts = caps.map(() => new Map<number, number>())
  const isCapped = (position: number): boolean =>
    caps.some(({ max, groupOf }, c) => {
      const group = groupOf(position)
      return group >= 0 && ((counts[c] as Map<number, number>).get(group) ?? 0) >= max
    })
  const take = (position: number): void => {
    overCap.push(isCapped(position))
    taken.push(position)
    isTaken[position] = 1
    caps.forEach(({ groupOf }, c) => {
      const count = counts[c] as Map<number, number>
      const group = groupOf(position)
      count.set(group, (count.get(group) ?? 0) + 1)
    })
  }
  const nearestOf = (position: number): number => {
    let highest = nearest[position] as number
    for (let t = numCompared[position] as number; t < taken.length; t++)
      highest = Math.max(highest, similarity(position, taken[t] as number))
    nearest[position] = highest
    numCompared[position] = taken.length
    return highest
  }
  return {
    taken,
    overCap,
    take,
    fill(order, { length, ignoreCaps }) {
      let start = 0
      while (taken.length < length) {
        while (start < order.length && isTaken[order.at(start)] === 1) start++
        let best = -1
        let bestGain = -Infinity
        for (let i = start; i < order.length; i++) {
          const position = order.at(i)
          if (isTaken[position] === 1) continue
          const ceiling = (1 - strength) * (values[position] as number)
          if (ceiling <= bestGain) break
          if (!ignoreCaps && isCapped(position)) continue
          const gain = strength === 0 ? ceiling : ceiling - strength * nearestOf(position)
          if (gain <= bestGain) continue
          best = position
          bestGain = gain
        }
        if (best < 0) return
        take(best)
      }
    },
  }
}
