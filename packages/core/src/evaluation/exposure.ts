import { checkNumber } from '../errors.ts'
import type { AtK, RankedLists } from './metrics.ts'

/**
 * Returns which items are the most bought: shape `[numItems + 1]`, 1 for the `ceil(share * numItems)` items
 * with the highest counts (equal counts: the lower item row), else 0.
 *
 * @param counts - Shape `[numItems + 1]`, for example from `countItemUsers` or `countPurchases`.
 * @param options - `share` of the catalogue, above 0 and at most 1. `@defaultValue 0.01`
 * @throws {@link RecommenderError} `INVALID_OPTION` if `share` is out of range.
 */
export function markPopular(
  counts: Int32Array | Float64Array,
  { share = 0.01 }: { readonly share?: number | undefined } = {},
): Uint8Array {
  checkNumber('share', share, Number.MIN_VALUE, 1)
  const marks = new Uint8Array(counts.length)
  const rows = Int32Array.from({ length: counts.length - 1 }, (_, i) => i + 1)
  rows.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b)
  for (const itemRow of rows.subarray(0, Math.ceil(share * rows.length))) marks[itemRow] = 1
  return marks
}

/**
 * Returns the share of the items within the first `k` places that `isMember` holds for; NaN for an empty list.
 *
 * @param ranked - Item rows, best first; 0 marks an empty place and counts as not shown.
 */
export function shownShareAtK(
  ranked: Int32Array,
  isMember: (itemRow: number) => boolean,
  { k }: AtK,
): number {
  let shown = 0
  let members = 0
  for (const itemRow of ranked.subarray(0, k)) {
    if (itemRow === 0) continue
    shown++
    if (isMember(itemRow)) members++
  }
  return members / shown
}

/**
 * Returns P90 coverage: the smallest share of the catalogue whose items fill 90 % of all places that lists show
 * within their first `k`, in `0..1`; NaN when no list shows anything.
 *
 * Near 0 everyone is shown the same items; the value rises as lists differ. Empty places are not counted.
 *
 * @see Pancha et al. 2022, {@link https://arxiv.org/abs/2205.04507 | PinnerFormer}, section 4, P90 coverage@10.
 */
export function p90Coverage(
  { topK, width }: RankedLists,
  { k, numItems }: AtK & { readonly numItems: number },
): number {
  const counts = new Int32Array(numItems + 1)
  let places = 0
  for (let i = 0; i < topK.length; i++) {
    const itemRow = topK[i] as number
    if (i % width >= k || itemRow === 0) continue
    counts[itemRow] = (counts[itemRow] as number) + 1
    places++
  }
  if (places === 0) return Number.NaN
  counts.sort().reverse()
  let numCovering = 0
  // In whole numbers: .9 * places would round, and 9 of 10 places would not be 90 %.
  for (let covered = 0; 10 * covered < 9 * places; numCovering++) {
    covered += counts[numCovering] as number
  }
  return numCovering / numItems
}
