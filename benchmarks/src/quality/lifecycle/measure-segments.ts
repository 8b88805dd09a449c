import {
  buildVisitLog,
  cohortLabels,
  type HorizonEvaluation,
  type HorizonListKey,
  historyLengthLabels,
  measureCadence,
  stageOf,
  summarizeSegments,
} from '@perennial/core'
import type { Question } from './question.ts'
import type { SegmentsResult } from './result.ts'

const METRICS: readonly HorizonListKey[] = ['recall@10', 'ndcg@10', 'new_item_recall@10']
/** Fixes which users an interval draws again. */
const SEED = 1

/** Returns the metrics of all methods by length of the history; where days are real also by stage and first month. */
export function measureSegments(
  question: Question,
  evaluations: readonly HorizonEvaluation[],
): SegmentsResult[] {
  const { dataset, cases } = question
  const groupings = [
    { by: 'visits', labels: historyLengthLabels(dataset, cases) },
    ...(dataset.timeKind === 'timestamp'
      ? [
          { by: 'stage', labels: stageLabels(question) },
          { by: 'month of first purchase', labels: cohortLabels(dataset, cases) },
        ]
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

/** Returns the stage of each case's customer at the cut. */
function stageLabels({ dataset, cases, cutDay }: Question): string[] {
  const visits = buildVisitLog(dataset.sequences)
  const cadence = measureCadence(visits, { cutDay })
  return cases.map(({ userRow }) => {
    const days = visits.days
      .subarray(visits.offsets[userRow], visits.offsets[userRow + 1])
      .filter((day) => day < cutDay)
    return stageOf(days, { asOfDay: cutDay, cadence }).stage
  })
}
