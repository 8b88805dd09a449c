import type { RankingCase } from '../data/ranking-case.ts'
import type { Sequences } from '../data/sequences.ts'
import { checkNumber } from '../errors.ts'
import type { AgainstBest } from './metrics.ts'

/**
 * Returns the share of the targets' value within the first `k` places, in `0..1`.
 *
 * `value of the hits / value of the min(k, |targets|) most valuable targets`, or `/ value of all targets`
 * with `denominator: 'targets'`. A target whose value is NaN is unknown and left out of both. NaN when no
 * target has a value above 0.
 *
 * @param ranked - Item rows, best first, distinct; 0 marks an empty place.
 * @param targets - Distinct item rows.
 * @param options - `values` has the shape of `targets`, each 0 or more, or NaN.
 */
export function valueRecallAtK(
  ranked: Int32Array,
  targets: Int32Array,
  { values, k, denominator = 'reachable' }: AgainstBest & { readonly values: Float32Array },
): number {
  const shown = ranked.subarray(0, k)
  let hits = 0
  targets.forEach((itemRow, i) => {
    const value = values[i] as number
    if (value > 0 && shown.includes(itemRow)) hits += value
  })
  // Typed arrays sort NaN to the end, which the filter has removed.
  const known = values.filter((value) => value > 0).sort()
  const best = denominator === 'reachable' ? known.subarray(Math.max(0, known.length - k)) : known
  return hits / best.reduce((sum, value) => sum + value, 0)
}

/**
 * Returns what each target of each case brought within the horizon: one array a case, of the shape of its targets.
 *
 * The value of a target is the sum of `price * quantity` over its events in `[asOfMs, asOfMs + horizonMs)`;
 * NaN where an event has no price.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if the horizon is not above 0.
 */
export function sumTargetValues(
  sequences: Sequences,
  cases: readonly RankingCase[],
  { horizonMs }: { readonly horizonMs: number },
): Float32Array[] {
  checkNumber('horizonMs', horizonMs, 1)
  const { offsets, itemRows, timestampMs, prices, quantities } = sequences
  return cases.map(({ userRow, historyEnd, asOfMs, targets }) => {
    const places = new Map(Array.from(targets, (itemRow, i) => [itemRow, i] as const))
    const values = new Float32Array(targets.length)
    const end = offsets[userRow + 1] as number
    for (let i = historyEnd; i < end && (timestampMs[i] as number) < asOfMs + horizonMs; i++) {
      const place = places.get(itemRows[i] as number)
      if (place === undefined) continue
      values[place] = (values[place] as number) + (prices[i] as number) * (quantities[i] as number)
    }
    return values
  })
}
