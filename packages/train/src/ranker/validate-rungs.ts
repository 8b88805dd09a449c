import {
  type CandidateFinder,
  casesAt,
  createCandidateFinder,
  createReplay,
  DAY_MS,
  type Dataset,
  endsBefore,
  evaluateHorizon,
  type HorizonEvaluation,
  LifecycleState,
  type LifecycleStateOptions,
  poolEvaluations,
  RANKING_RULES,
  type Ranking,
  type Scorer,
} from '@perennial/core'
import type { Engine } from '../engine/engine.ts'
import type { CutDays } from './cut-days.ts'
import { fitRanker, type Ranker, type RankerOptions } from './fit-ranker.ts'
import { climbLadder, LADDER_METRIC, type Ladder, type MeasuredRung, RUNGS } from './ladder.ts'
import { createRankerScorer, type RankerScorer } from './ranker-scorer.ts'
import { type BuildListsOptions, buildRankingLists } from './ranking-lists.ts'
import { createRuleScorer } from './rule-scorer.ts'
import { scaleLists } from './scaled-lists.ts'

/** Options of {@link validateRungs}. */
export interface ValidateRungsOptions {
  readonly engine: Engine
  readonly cuts: CutDays
  readonly state: Omit<LifecycleStateOptions, 'numItems'>
  /** How training lists are built; see `buildRankingLists`. */
  readonly lists: {
    readonly keepShare: number
    readonly includes: (userRow: number, cutDay: number) => boolean
    readonly createSignals: BuildListsOptions['createSignals']
  }
  /** The sequence model trained up to the newest validation cut; it is asked about that cut alone. */
  readonly sequence: Scorer
  readonly ranker: RankerOptions
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((stage: string) => void) | undefined
}

/** Trains what the data suffices for on the training cuts, asks every rung about the validation cuts, and climbs. */
export async function validateRungs(
  dataset: Dataset,
  options: ValidateRungsOptions,
): Promise<Ladder> {
  const { engine, cuts, signal, onStage } = options
  const horizonMs = options.state.horizonDays * DAY_MS
  const newestFirst = cuts.validation.map((day) => ({
    day,
    cases: casesAt(dataset.sequences, day * DAY_MS, horizonMs),
  }))
  // Oldest first: the log is replayed once.
  const asked = newestFirst.filter(({ cases }) => cases.length > 0).reverse()
  const validationLists = asked.reduce((sum, { cases }) => sum + cases.length, 0)
  const trainingLists = cuts.training.reduce(
    (sum, day) => sum + casesAt(dataset.sequences, day * DAY_MS, horizonMs).length,
    0,
  )
  const newestLists = newestFirst[0]?.cases.length ?? 0
  const data = { validationLists, newestLists, trainingLists }
  const isTried = (ranking: Ranking): boolean => {
    const needs = RUNGS.find((rung) => rung.ranking === ranking)?.needs
    return (
      needs !== undefined &&
      validationLists >= Math.max(1, needs.validationLists) &&
      newestLists >= needs.newestLists &&
      trainingLists >= needs.trainingLists
    )
  }
  const tried = RUNGS.map(({ ranking }) => ranking).filter(isTried)
  if (tried.length === 0) return climbLadder([], { userRows: new Int32Array(0), data })

  const rankers = await trainRankers(dataset, tried, options)
  const state = new LifecycleState({ ...options.state, numItems: dataset.catalog.numItems })
  const replay = createReplay(state, dataset.sequences)
  const byRanking = new Map<Ranking, HorizonEvaluation[]>()
  for (const { day, cases } of asked) {
    replay.until(day)
    const ends = endsBefore(dataset.sequences, day * DAY_MS)
    const signals = await options.lists.createSignals({ state, cutDay: day, ends })
    const finder = createCandidateFinder(state, signals)
    const scorers = await createScorers({ tried, rankers, finder, engine })
    // The sequence model has learned from the older windows.
    if (tried.includes('sequence') && day === cuts.validation[0])
      scorers.set('sequence', asDisposable(options.sequence))
    try {
      for (const [ranking, scorer] of scorers) {
        onStage?.(`Asking ${ranking} about ${new Date(day * DAY_MS).toISOString().slice(0, 10)}`)
        const evaluation = await evaluateHorizon(scorer, cases, { dataset, ks: [10], signal })
        byRanking.set(ranking, [...(byRanking.get(ranking) ?? []), evaluation])
      }
    } finally {
      for (const scorer of scorers.values()) scorer.dispose()
    }
  }
  const measured = Array.from(byRanking, ([ranking, evaluations]): MeasuredRung => {
    const { values } = poolEvaluations(evaluations).perCase
    const known = values[LADDER_METRIC] as Float32Array
    // What was not asked about the older cuts has no value there; the newest cut comes last.
    const padded = new Float32Array(validationLists).fill(Number.NaN)
    padded.set(known, validationLists - known.length)
    return { ranking, values: padded }
  })
  const userRows = Int32Array.from(
    asked.flatMap(({ cases }) => cases.map(({ userRow }) => userRow)),
  )
  return climbLadder(measured, { userRows, data })
}

async function createScorers({
  tried,
  rankers,
  finder,
  engine,
}: {
  readonly tried: readonly Ranking[]
  readonly rankers: ReadonlyMap<Ranking, Ranker>
  readonly finder: CandidateFinder
  readonly engine: Engine
}): Promise<Map<Ranking, RankerScorer>> {
  const scorers = new Map<Ranking, RankerScorer>()
  for (const rule of RANKING_RULES)
    if (tried.includes(rule)) scorers.set(rule, asDisposable(createRuleScorer(rule, finder)))
  for (const [name, ranker] of rankers)
    scorers.set(name, await createRankerScorer(ranker, { engine, finder, name }))
  return scorers
}

/** What is not ours to end. */
function asDisposable({ name, scoreBatch }: Scorer): RankerScorer {
  return { name, scoreBatch, dispose: () => {} }
}

async function trainRankers(
  dataset: Dataset,
  tried: readonly Ranking[],
  { engine, cuts, state, lists, ranker, signal, onStage }: ValidateRungsOptions,
): Promise<Map<Ranking, Ranker>> {
  const rankers = new Map<Ranking, Ranker>()
  if (!tried.includes('linear-ranker')) return rankers
  onStage?.('Describing customers at earlier cuts')
  const built = await buildRankingLists(dataset, {
    ...state,
    ...lists,
    cutDays: cuts.training,
    seed: ranker.seed,
    signal,
  })
  const scaled = scaleLists(built)
  onStage?.(`Training rankers on ${(built.offsets.length - 1).toLocaleString('en')} lists`)
  const options = { ...ranker, members: 1, signal }
  rankers.set('linear-ranker', await fitRanker(engine, scaled, { ...options, hidden: [] }))
  if (tried.includes('ranker')) rankers.set('ranker', await fitRanker(engine, scaled, options))
  return rankers
}
