import { buildBaskets } from '../data/baskets.ts'
import type { Dataset } from '../data/dataset.ts'
import { type History, historyOf } from '../data/sequences.ts'
import { checkInteger, checkNumber } from '../errors.ts'
import type { Scorer } from '../scorer.ts'
import { selectTopK } from '../top-k.ts'
import { createPopularityFill } from './popularity-fill.ts'

/** Options of {@link createTifuKnn}; the defaults are the paper's for Ta-Feng. */
export interface TifuKnnOptions {
  /** Nearest users that are averaged; 1 or more. @defaultValue 300 */
  readonly neighbors?: number | undefined
  /** Factor by which a basket counts less than the next one; above 0, at most 1. @defaultValue 0.9 */
  readonly withinDecay?: number | undefined
  /** Factor by which a group counts less than the next one; above 0, at most 1. @defaultValue 0.7 */
  readonly groupDecay?: number | undefined
  /** Share of the own vector in the score, `0..1`; the rest is the neighbours'. @defaultValue 0.7 */
  readonly alpha?: number | undefined
  /** Groups that a history is cut into; 1 or more. @defaultValue 7 */
  readonly numGroups?: number | undefined
}

/**
 * Returns a scorer that averages a user's decayed item frequencies with those of the nearest users.
 *
 * A basket is what was bought on one day. With `n` baskets in `m` groups of even size, the newest groups
 * taking the remainder, basket `t = 1..n` in group `g = 1..m` of `size(g)` baskets weighs
 * `w(t) = withinDecay^(n - t) * groupDecay^(m - g) / (size(g) * m)`; with `n < m` each basket is group
 * `g = t` and the divisor is `n`. The vector of a user is `v(u, i) = sum of w(t) over baskets that hold i`,
 * and `score(u, i) = alpha * v(u, i) + (1 - alpha) * mean over the nearest users x of v(x, i)`, nearest by
 * Euclidean distance. Items without a score follow by popularity, below 0.
 *
 * Neighbours are users with training events. A history does not say whose it is, so a user trained on
 * counts among his own neighbours: with 300 of them, `(1 - alpha) / 300` of the score is his own vector.
 *
 * @param trainEnds - Shape `[numUsers]`: absolute event position where each user's training part ends.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 * @see Hu et al. 2020, {@link https://arxiv.org/abs/2006.00556 | arXiv:2006.00556}, section 4.
 * Differs: follows the authors' code where it departs from the text, since published numbers come from it:
 * `withinDecay` runs over the whole history instead of starting anew in each group.
 */
export function createTifuKnn(
  dataset: Dataset,
  trainEnds: Int32Array,
  {
    neighbors = 300,
    withinDecay = 0.9,
    groupDecay = 0.7,
    alpha = 0.7,
    numGroups = 7,
  }: TifuKnnOptions = {},
): Scorer {
  checkInteger('neighbors', neighbors, 1)
  checkNumber('withinDecay', withinDecay, Number.MIN_VALUE, 1)
  checkNumber('groupDecay', groupDecay, Number.MIN_VALUE, 1)
  checkNumber('alpha', alpha, 0, 1)
  checkInteger('numGroups', numGroups, 1)

  const fill = createPopularityFill(dataset, trainEnds).scores
  const width = fill.length
  const decay = { withinDecay, groupDecay, numGroups }
  const users = trainingVectors(dataset, trainEnds, decay)
  const nearest = createNearestUsers(users, width)
  return {
    name: 'tifu-knn',
    scoreBatch(histories, scores) {
      histories.forEach((history, b) => {
        const row = scores.subarray(b * width, (b + 1) * width)
        row.fill(0)
        const own = userVector(history, decay)
        addTo(row, own, alpha)
        const positions = nearest(own, neighbors)
        for (const p of positions) {
          addTo(row, users[p] as SparseVector, (1 - alpha) / positions.length)
        }
        for (let i = 0; i < width; i++) if (row[i] === 0) row[i] = fill[i] as number
      })
    },
  }
}

/** The non-zero entries of a user's vector. */
interface SparseVector {
  readonly itemRows: Int32Array
  readonly values: Float32Array
}

/** How much each basket of a history counts. */
interface Decay {
  readonly withinDecay: number
  readonly groupDecay: number
  readonly numGroups: number
}

function trainingVectors(
  { sequences }: Dataset,
  trainEnds: Int32Array,
  decay: Decay,
): SparseVector[] {
  return Array.from(trainEnds, (end, u) =>
    userVector(historyOf(sequences, u, end, Infinity), decay),
  ).filter(({ itemRows }) => itemRows.length > 0)
}

function userVector(history: History, decay: Decay): SparseVector {
  const { days, offsets, itemRows } = buildBaskets(history)
  const values = new Map<number, number>()
  basketWeights(days.length, decay).forEach((weight, t) => {
    for (const itemRow of itemRows.subarray(offsets[t], offsets[t + 1])) {
      values.set(itemRow, (values.get(itemRow) ?? 0) + weight)
    }
  })
  return { itemRows: Int32Array.from(values.keys()), values: Float32Array.from(values.values()) }
}

function basketWeights(
  numBaskets: number,
  { withinDecay, groupDecay, numGroups }: Decay,
): Float64Array {
  const weights = new Float64Array(numBaskets)
  const groups = Math.min(numGroups, numBaskets)
  const base = Math.floor(numBaskets / groups)
  const numLonger = numBaskets - base * groups
  let t = 0
  for (let g = 0; g < groups; g++) {
    const size = g < groups - numLonger ? base : base + 1
    for (const end = t + size; t < end; t++) {
      weights[t] =
        (withinDecay ** (numBaskets - 1 - t) * groupDecay ** (numGroups - 1 - g)) / (size * groups)
    }
  }
  return weights
}

/** Returns a function that gives the positions of the nearest users; inverted lists by item keep it sparse. */
function createNearestUsers(
  users: readonly SparseVector[],
  width: number,
): (own: SparseVector, count: number) => Int32Array {
  const lengths = new Int32Array(width)
  for (const { itemRows } of users)
    for (const i of itemRows) lengths[i] = (lengths[i] as number) + 1
  const lists = Array.from(lengths, (length) => ({
    positions: new Int32Array(length),
    values: new Float32Array(length),
  }))
  lengths.fill(0)
  const squares = Float32Array.from(users, ({ itemRows, values }, p) => {
    itemRows.forEach((i, n) => {
      const list = lists[i] as (typeof lists)[number]
      const place = lengths[i] as number
      list.positions[place] = p
      list.values[place] = values[n] as number
      lengths[i] = place + 1
    })
    return values.reduce((sum, value) => sum + value * value, 0)
  })
  const closeness = new Float32Array(users.length)
  return (own, count) => {
    // |own - v|^2 = |own|^2 - (2 own.v - |v|^2), and |own| is the same for all.
    for (let p = 0; p < closeness.length; p++) closeness[p] = -(squares[p] as number)
    own.itemRows.forEach((i, n) => {
      const { positions, values } = lists[i] as (typeof lists)[number]
      const twice = 2 * (own.values[n] as number)
      for (let e = 0; e < positions.length; e++) {
        const p = positions[e] as number
        closeness[p] = (closeness[p] as number) + twice * (values[e] as number)
      }
    })
    return selectTopK(closeness, Math.min(count, closeness.length))
  }
}

function addTo(row: Float32Array, { itemRows, values }: SparseVector, factor: number): void {
  for (let n = 0; n < itemRows.length; n++) {
    const i = itemRows[n] as number
    row[i] = (row[i] as number) + factor * (values[n] as number)
  }
}
