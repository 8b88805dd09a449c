import {
  buildVisitLog,
  cohortLabels,
  type HorizonEvaluation,
  type HorizonListKey,
  historyLengthLabels,
  measureCadence,
  type Segment,
  stageOf,
  summarizeSegments,
} from '@perennial/core'
import type { Question } from './question.ts'
import type { SegmentResult, SegmentsResult } from './result.ts'

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
        }).map(toResult),
      })),
    ),
  )
}

function toResult({ label, numCases, mean, low, high }: Segment): SegmentResult {
  return { label, numCases, mean: round(mean), low: round(low), high: round(high) }
}

function round(value: number): number | null {
  return Number.isNaN(value) ? null : Math.round(value * 1e5) / 1e5
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
