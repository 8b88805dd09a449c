import type { Sequences } from '../data/sequences.ts'

/** Options of the metrics of one ranked list. */
export interface AtK {
  /** Cut-off: only the first `k` places count; 1 or more. */
  readonly k: number
}

/** Targets that a list is measured against. */
export const DENOMINATORS = ['reachable', 'targets'] as const

/** One of {@link DENOMINATORS}. */
export type Denominator = (typeof DENOMINATORS)[number]

/** Options of the metrics that compare a list with the best possible one. */
export interface AgainstBest extends AtK {
  /**
   * `reachable`: the best list of `k` places scores 1, so recall divides by `min(k, |targets|)`.
   * `targets`: recall divides by `|targets|` and the ideal gain runs over all of them, as papers on
   * next-basket recommendation do; numbers of the two do not compare. @defaultValue 'reachable'
   */
  readonly denominator?: Denominator | undefined
}

/**
 * Returns the share of reachable targets within the first `k` places: `hits / min(k, |targets|)`, in `0..1`.
 *
 * With `denominator: 'targets'` it is `hits / |targets|`.
 *
 * @param ranked - Item rows, best first, distinct; 0 marks an empty place.
 * @param targets - Distinct item rows; NaN is returned when there are none.
 * @see Li et al. 2023, {@link https://github.com/liming-7/A-Next-Basket-Recommendation-Reality-Check | A Next Basket
 * Recommendation Reality Check}, for the protocol of `targets`.
 */
export function recallAtK(
  ranked: Int32Array,
  targets: Int32Array,
  { k, denominator = 'reachable' }: AgainstBest,
): number {
  let hits = 0
  for (let i = 0; i < k && i < ranked.length; i++) {
    if (isTarget(ranked[i] as number, targets)) hits++
  }
  return hits / (denominator === 'reachable' ? Math.min(k, targets.length) : targets.length)
}

/**
 * Returns the normalised discounted cumulative gain with gain 1 for a target: `DCG / IDCG`, in `0..1`.
 *
 * `DCG = sum over ranks r <= k that hold a target of 1 / log2(r + 1)`; `IDCG` is the same sum with
 * targets on ranks `1..min(k, |targets|)`, or on ranks `1..|targets|` with `denominator: 'targets'`.
 * Arguments as in {@link recallAtK}.
 *
 * @see Jarvelin and Kekalainen 2002, {@link https://doi.org/10.1145/582415.582418 | Cumulated gain-based evaluation}.
 */
export function ndcgAtK(
  ranked: Int32Array,
  targets: Int32Array,
  { k, denominator = 'reachable' }: AgainstBest,
): number {
  const shown = Math.min(k, ranked.length)
  const best = denominator === 'reachable' ? Math.min(k, targets.length) : targets.length
  let gain = 0
  let ideal = 0
  for (let i = 0; i < Math.max(shown, best); i++) {
    const discount = 1 / Math.log2(i + 2)
    if (i < best) ideal += discount
    if (i < shown && isTarget(ranked[i] as number, targets)) gain += discount
  }
  return gain / ideal
}

/** Returns 1 if any of the first `k` places holds a target, else 0. Arguments as in {@link recallAtK}. */
export function hitRateAtK(ranked: Int32Array, targets: Int32Array, { k }: AtK): number {
  return firstHit(ranked, targets, k) > 0 ? 1 : 0
}

/**
 * Returns the reciprocal rank `1 / r` of the first target within the first `k` places, 0 if there is none.
 * Arguments as in {@link recallAtK}.
 */
export function mrrAtK(ranked: Int32Array, targets: Int32Array, { k }: AtK): number {
  const rank = firstHit(ranked, targets, k)
  return rank > 0 ? 1 / rank : 0
}

/** Ranked lists of many cases: one row a case, 0 marks an empty place. */
export interface RankedLists {
  /** Shape `[numCases, width]`, row-major: item rows, best first. */
  readonly topK: Int32Array
  readonly width: number
}

/**
 * Returns the share of the catalogue that at least one list shows within its first `k` places, in `0..1`.
 */
export function catalogCoverage(
  { topK, width }: RankedLists,
  { k, numItems }: AtK & { readonly numItems: number },
): number {
  const shown = new Set<number>()
  for (let i = 0; i < topK.length; i++) {
    const itemRow = topK[i] as number
    if (i % width < k && itemRow > 0) shown.add(itemRow)
  }
  return shown.size / numItems
}

/**
 * Returns the mean self-information of all shown items, in bits: `-log2(users(i) / numUsers)`.
 *
 * 0 means that every user already bought every shown item. An item without a training user counts as one
 * that a single user bought. NaN when no list shows anything.
 *
 * @param options - `itemUsers` and `numUsers` from {@link countItemUsers}.
 * @see Zhou et al. 2010, {@link https://arxiv.org/abs/0808.2670 | arXiv:0808.2670}.
 */
export function novelty(
  { topK, width }: RankedLists,
  { k, itemUsers, numUsers }: AtK & ItemUsers,
): number {
  let sum = 0
  let shown = 0
  for (let i = 0; i < topK.length; i++) {
    const itemRow = topK[i] as number
    if (i % width >= k || itemRow === 0) continue
    sum -= Math.log2(Math.max(1, itemUsers[itemRow] as number) / numUsers)
    shown++
  }
  return sum / shown
}

/** How many users bought each item. */
export interface ItemUsers {
  /** Shape `[numItems + 1]`. */
  readonly itemUsers: Int32Array
  /** Users with at least one event. */
  readonly numUsers: number
}

/**
 * Returns how many distinct users bought each item before their training ends.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 */
export function countItemUsers(
  sequences: Sequences,
  { trainEnds, numItems }: { readonly trainEnds: Int32Array; readonly numItems: number },
): ItemUsers {
  const itemUsers = new Int32Array(numItems + 1)
  let numUsers = 0
  for (let u = 0; u < sequences.numUsers; u++) {
    const bought = new Set(sequences.itemRows.subarray(sequences.offsets[u], trainEnds[u]))
    if (bought.size > 0) numUsers++
    for (const itemRow of bought) itemUsers[itemRow] = (itemUsers[itemRow] as number) + 1
  }
  return { itemUsers, numUsers }
}

function firstHit(ranked: Int32Array, targets: Int32Array, k: number): number {
  for (let i = 0; i < k && i < ranked.length; i++) {
    if (isTarget(ranked[i] as number, targets)) return i + 1
  }
  return 0
}

function isTarget(itemRow: number, targets: Int32Array): boolean {
  return itemRow > 0 && targets.includes(itemRow)
}
