import type { RankingCase } from '../data/ranking-case.ts'
import { selectTopK } from '../top-k.ts'
import type { ScoredCase } from './score-cases.ts'

/** One case ranked three ways, its targets parted by whether the user bought them before. */
export interface RankedCase {
  /** Item rows, best first: all items. */
  readonly all: Int32Array
  /** Only items that the history lacks. */
  readonly unseen: Int32Array
  /** Only items of the history. */
  readonly owned: Int32Array
  readonly targets: Int32Array
  /** Targets that the history holds. */
  readonly repeatTargets: Int32Array
  /** Targets that the history lacks. */
  readonly newTargets: Int32Array
  /** Whether the history holds an item row. */
  readonly isOwned: (itemRow: number) => boolean
}

/**
 * Returns the three rankings of one scored case, each at most `k` long; equal scores in order of item row.
 *
 * Overwrites `scores`. Items scored `-Infinity` are in no ranking.
 */
export function rankCase(
  { scores, history }: ScoredCase,
  { targets }: RankingCase,
  k: number,
): RankedCase {
  const bought = new Set(history.itemRows)
  const isOwned = (itemRow: number): boolean => bought.has(itemRow)
  const rows = Int32Array.from(bought).sort()
  const rowScores = Float32Array.from(rows, (itemRow) => scores[itemRow] as number)
  const all = selectTopK(scores, k)
  for (const itemRow of rows) scores[itemRow] = -Infinity
  return {
    all,
    unseen: selectTopK(scores, k),
    owned: selectTopK(rowScores, k).map((place) => rows[place] as number),
    targets,
    repeatTargets: targets.filter(isOwned),
    newTargets: targets.filter((itemRow) => !isOwned(itemRow)),
    isOwned,
  }
}
