import {
  cohortLabels,
  type HorizonEvaluation,
  type HorizonListKey,
  historyLengthLabels,
  summarizeSegments,
} from '@perennial/core'
import type { Question } from './question.ts'
import type { SegmentsResult } from './result.ts'

const METRICS: readonly HorizonListKey[] = ['recall@10', 'ndcg@10', 'new_item_recall@10']
/** Fixes which users an interval draws again. */
const SEED = 1

/** Returns the metrics of all methods by length of the history, and by month of the first purchase where days are real. */
export function measureSegments(
  { dataset, cases }: Question,
  evaluations: readonly HorizonEvaluation[],
): SegmentsResult[] {
  const groupings = [
    { by: 'visits', labels: historyLengthLabels(dataset, cases) },
    ...(dataset.timeKind === 'timestamp'
      ? [{ by: 'month of first purchase', labels: cohortLabels(dataset, cases) }]
      : []),
  ]
  const newest = new Map(evaluations.map((one) => [one.scorer, one]))
  return groupings.flatMap(({ by, labels }) =>
    [...newest.values()].flatMap(({ scorer, perCase }) =>
      METRICS.map((metric) => ({
        by,
        method: scorer,
        metric,
        segments: summarizeSegments(perCase.values[metric] as Float32Array, labels, {
          seed: SEED,
          resamples: 200,
          userRows: perCase.userRows,
        }),
      })),
    ),
  )
}
