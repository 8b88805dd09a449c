import {
  countPurchases,
  DAY_MS,
  evaluateHorizon,
  type HorizonEvaluation,
  markPopular,
  type Scorer,
  sumTargetValues,
} from '@perennial/core'
import { createRankerScorer, type Engine, type Ranker, type ScaledLists } from '@perennial/train'
import { dateOf } from './cut-days.ts'
import { finderAt } from './finder-at.ts'
import { measureSegments } from './measure-segments.ts'
import { measureSources } from './measure-sources.ts'
import { measureStaleness } from './measure-staleness.ts'
import { toMethodResult } from './method-result.ts'
import { LINEAR_RANKER, RANKER } from './methods.ts'
import { packValues } from './packed-values.ts'
import type { Question } from './question.ts'
import type { QuestionResult } from './result.ts'
import type { LifecycleSettings } from './settings.ts'
import type { SignalSource } from './signals.ts'
import { type ListSource, type Progress, trainRanker } from './train-rankers.ts'

/** Options of {@link answerQuestion}. */
export interface AnswerOptions extends Progress {
  readonly engine: Engine
  readonly settings: LifecycleSettings
  readonly seeds: readonly number[]
  readonly listsOf: ListSource
  readonly signalsOf: SignalSource
  /** Asks the ranker alone, without the methods it is compared with. */
  readonly rankerOnly: boolean
}

/** Trains, asks all methods one question, and returns what there is to say about it. */
export async function answerQuestion(
  question: Question,
  options: AnswerOptions,
): Promise<QuestionResult> {
  const { engine, settings, listsOf, rankerOnly } = options
  const { label, cases } = question
  const { lists, seconds: listSeconds } = await listsOf(question, settings)
  const { trained, fitSeconds, peakBytes } = await trainAll(lists, label, options)
  const finder = await finderAt(question, options)
  const ask = createAsk(question, options)
  const answers: { evaluation: HorizonEvaluation; seed: number | null }[] = []
  for (const create of rankerOnly ? [] : question.baselines)
    answers.push({ evaluation: await ask(create()), seed: null })
  for (const { name, seed, ranker } of trained) {
    const scorer = await createRankerScorer(ranker, { engine, finder, name })
    answers.push({ evaluation: await ask(scorer), seed })
    scorer.dispose()
  }
  const { ranker } = trained.at(-1) as TrainedRanker
  const evaluations = answers.map(({ evaluation }) => evaluation)
  return {
    label,
    group: question.group,
    horizonDays: question.horizonDays,
    numCases: cases.length,
    ...describeCases(question),
    trainingCuts: question.trainingCutDays.slice(0, settings.numTrainingCuts).map(dateOf),
    training: {
      numLists: lists.offsets.length - 1,
      numRows: lists.itemRows.length,
      numFeatures: lists.featureNames.length,
      listSeconds,
      fitSeconds,
      peakBytes,
    },
    sources: measureSources(question, finder),
    userRows: packValues(Int32Array.from(cases, ({ userRow }) => userRow)),
    methods: answers.map(({ evaluation, seed }) => toMethodResult(evaluation, seed)),
    segments: rankerOnly ? [] : measureSegments(question, evaluations),
    staleness:
      rankerOnly || !question.staleness
        ? []
        : await measureStaleness(question, { ...options, ranker }),
  }
}

interface TrainedRanker {
  readonly name: string
  readonly seed: number
  readonly ranker: Ranker
}

/** Trains a ranker a seed, the first one timed, and a linear one beside each where there are others to compare with. */
async function trainAll(
  lists: ScaledLists,
  label: string,
  { engine, settings, seeds, rankerOnly, signal, onStage }: AnswerOptions,
): Promise<{ trained: TrainedRanker[]; fitSeconds: number; peakBytes: number }> {
  const train = async (
    name: string,
    seed: number,
    changes: LifecycleSettings['ranker'],
  ): Promise<TrainedRanker> => {
    const said = `${label}: ${name}, seed ${seed}`
    const given = { ...settings.ranker, ...changes, name: said, seed, signal, onStage }
    return { name, seed, ranker: await trainRanker(engine, lists, given) }
  }
  const rankers: TrainedRanker[] = []
  const linear: TrainedRanker[] = []
  let fitSeconds = 0
  let peakBytes = 0
  for (const seed of seeds) {
    const start = performance.now()
    rankers.push(await train(RANKER, seed, {}))
    if (seed === seeds[0]) {
      fitSeconds = (performance.now() - start) / 1000
      peakBytes = process.resourceUsage().maxRSS * 1024
    }
    if (!rankerOnly) linear.push(await train(LINEAR_RANKER, seed, { hidden: [], members: 1 }))
  }
  return { trained: [...linear, ...rankers], fitSeconds, peakBytes }
}

function createAsk(
  { label, dataset, cases, horizonDays, ends, denominator }: Question,
  { signal, onStage }: Progress,
): (scorer: Scorer) => Promise<HorizonEvaluation> {
  const values = sumTargetValues(dataset.sequences, cases, { horizonMs: horizonDays * DAY_MS })
  const popular = markPopular(countPurchases(dataset, ends))
  return (scorer) => {
    onStage(`  ${label}: asking ${scorer.name}`)
    return evaluateHorizon(scorer, cases, { dataset, denominator, values, popular, signal })
  }
}

function describeCases({
  dataset,
  cases,
}: Question): Pick<QuestionResult, 'targetsPerCase' | 'repeatShare'> {
  const { itemRows, offsets } = dataset.sequences
  let numTargets = 0
  let repeats = 0
  for (const { userRow, historyEnd, targets } of cases) {
    const own = new Set(itemRows.subarray(offsets[userRow], historyEnd))
    numTargets += targets.length
    repeats += targets.filter((itemRow) => own.has(itemRow)).length / targets.length
  }
  return { targetsPerCase: numTargets / cases.length, repeatShare: repeats / cases.length }
}
