import { DAY_MS } from '../data/columns.ts'
import type { RankingCase } from '../data/ranking-case.ts'
import type { History } from '../data/sequences.ts'
import { checkNumber, RecommenderError } from '../errors.ts'
import type { Scorer } from '../scorer.ts'
import { evaluateHorizon, type HorizonEvaluation, type HorizonOptions } from './horizon-metrics.ts'

/** Options of {@link evaluateStaleness}. */
export interface StalenessOptions extends HorizonOptions {
  /** Ages measured, in days, each 0 or more. @defaultValue `[0, 7, 28]` */
  readonly agesDays?: readonly number[] | undefined
}

/** One point of a staleness curve. */
export interface StalenessPoint {
  readonly ageDays: number
  readonly evaluation: HorizonEvaluation
}

/**
 * Returns what an old state costs: the same cases scored when what is known ended some days before the question.
 *
 * At age `a` the scorer sees the events before `asOfMs - a` days; at age 0 it sees the whole history. The
 * time of the question, the targets, and which of them are repeats stay as they are, so the points compare
 * case by case. A user who came later than that is asked about with an empty history.
 *
 * @param createScorer - Makes a scorer that has learned from nothing younger than `ageDays` before the question;
 * ignore the age to measure fresh statistics with an old history.
 * @param options - As of {@link evaluateHorizon}; progress counts the cases of all ages.
 * @throws {@link RecommenderError} `INVALID_OPTION` if an age is below 0; `DATASET_MISMATCH` if the data has no real
 * times; otherwise as {@link evaluateHorizon}.
 * @see Pancha et al. 2022, {@link https://arxiv.org/abs/2205.04507 | PinnerFormer}, table 2.
 */
export async function evaluateStaleness(
  createScorer: (ageDays: number) => Scorer | Promise<Scorer>,
  cases: readonly RankingCase[],
  options: StalenessOptions,
): Promise<StalenessPoint[]> {
  const { agesDays = [0, 7, 28], dataset, signal, onProgress } = options
  for (const ageDays of agesDays) checkNumber('agesDays', ageDays, 0)
  if (dataset.timeKind !== 'timestamp') {
    throw new RecommenderError(
      'DATASET_MISMATCH',
      'Expected a data set with real times to age a state by days, got one that knows only the order of events.',
    )
  }
  const points: StalenessPoint[] = []
  for (const [i, ageDays] of agesDays.entries()) {
    signal?.throwIfAborted()
    const scorer = await createScorer(ageDays)
    const evaluation = await evaluateHorizon(withOldHistories(scorer, ageDays), cases, {
      ...options,
      onProgress: ({ numDone, numCases }) =>
        onProgress?.({
          numDone: i * numCases + numDone,
          numCases: agesDays.length * numCases,
        }),
    })
    points.push({ ageDays, evaluation })
  }
  return points
}

function withOldHistories(scorer: Scorer, ageDays: number): Scorer {
  if (ageDays === 0) return scorer
  return {
    name: scorer.name,
    scoreBatch: (histories, scores) =>
      scorer.scoreBatch(
        histories.map((history) => endHistory(history, history.asOfMs - ageDays * DAY_MS)),
        scores,
      ),
  }
}

function endHistory(history: History, endMs: number): History {
  const later = history.timestampMs.findIndex((timeMs) => timeMs >= endMs)
  const end = later < 0 ? history.timestampMs.length : later
  return {
    ...history,
    itemRows: history.itemRows.subarray(0, end),
    timestampMs: history.timestampMs.subarray(0, end),
    quantities: history.quantities.subarray(0, end),
  }
}
