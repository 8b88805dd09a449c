import { dayOf } from '../data/baskets.ts'
import type { Dataset } from '../data/dataset.ts'
import type { RankingCase } from '../data/ranking-case.ts'
import { checkInteger, RecommenderError } from '../errors.ts'

/** Label of a case whose history is empty. */
export const NO_HISTORY = 'no history'

/**
 * Returns the cohort of each case: the month of the user's first purchase in UTC, for example `2011-03`, or
 * {@link NO_HISTORY}.
 *
 * @throws {@link RecommenderError} `DATASET_MISMATCH` if the data has no real times.
 */
export function cohortLabels(dataset: Dataset, cases: readonly RankingCase[]): string[] {
  if (dataset.timeKind !== 'timestamp') {
    throw new RecommenderError(
      'DATASET_MISMATCH',
      'Expected a data set with real times to name months, got one that knows only the order of events; use `historyLengthLabels`.',
    )
  }
  const { offsets, timestampMs } = dataset.sequences
  return cases.map(({ userRow, historyEnd }) => {
    const first = offsets[userRow] as number
    if (historyEnd === first) return NO_HISTORY
    return new Date(timestampMs[first] as number).toISOString().slice(0, 'yyyy-mm'.length)
  })
}

/** Options of {@link historyLengthLabels}. */
export interface HistoryLengthOptions {
  /** Where each group but {@link NO_HISTORY} begins, rising, first value 1. @defaultValue `[1, 2, 4, 8, 16]` */
  readonly startsAt?: readonly number[] | undefined
}

/**
 * Returns the length of each case's history in visits (distinct days with a purchase) as a group: by default `1`,
 * `2-3`, `4-7`, `8-15`, `16+`, or {@link NO_HISTORY}.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if `startsAt` does not rise from 1.
 */
export function historyLengthLabels(
  dataset: Dataset,
  cases: readonly RankingCase[],
  { startsAt = [1, 2, 4, 8, 16] }: HistoryLengthOptions = {},
): string[] {
  checkInteger('startsAt', startsAt[0] ?? 0, 1, 1)
  startsAt.forEach((start, i) => {
    if (i > 0) checkInteger('startsAt', start, (startsAt[i - 1] as number) + 1)
  })
  const names = startsAt.map((start, i) => {
    const next = startsAt[i + 1]
    if (next === undefined) return `${start}+`
    return next === start + 1 ? `${start}` : `${start}-${next - 1}`
  })
  const { offsets, timestampMs } = dataset.sequences
  return cases.map(({ userRow, historyEnd }) => {
    const history = timestampMs.subarray(offsets[userRow], historyEnd)
    const numVisits = new Set(history.map(dayOf)).size
    const group = startsAt.findLastIndex((start) => start <= numVisits)
    return names[group] ?? NO_HISTORY
  })
}
