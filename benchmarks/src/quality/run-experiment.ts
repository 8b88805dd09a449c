import { join } from 'node:path'
import { type Dataset, type Evaluation, type RankingCase, splitLeaveOneOut } from '@perennial/core'
import { describeDataset, loadDataset } from '@perennial/datasets'
import {
  compareScorers,
  createEngine,
  createModelScorer,
  type EpochRecord,
  fit,
  type StepReport,
} from '@perennial/train'
import { currentCommit, describeMachine } from '../machine.ts'
import { writeJson } from '../write-json.ts'
import type { Experiment } from './experiment.ts'
import type { ExportedLists, QualityResult } from './result.ts'

/** Options of {@link runExperiment}. */
export interface RunOptions {
  readonly seed: number
  readonly engine: string
  /** Folder of checkpoints and exported lists; a run found there goes on. */
  readonly workFolder: string
  /** Folder of results. */
  readonly resultFolder: string
  readonly signal: AbortSignal
  readonly onStage: (text: string) => void
  readonly onStep: (report: StepReport) => void
  readonly onEpoch: (record: EpochRecord) => void
}

/** The files a run wrote and what they say. */
export interface RunOutcome {
  readonly result: QualityResult
  readonly resultPath: string
  readonly listsPath: string
}

/** Trains, tests once beside the baselines, and writes the result and the exported lists. */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions,
): Promise<RunOutcome> {
  const { seed, workFolder, resultFolder, signal, onStage } = options
  const id = `${experiment.name}-seed-${seed}`
  onStage(`Reading ${experiment.dataset}`)
  const dataset = await loadDataset(experiment.dataset)
  const split = splitLeaveOneOut(dataset)
  onStage(`Training ${id}`)
  const fitted = await fit(dataset, split, {
    ...experiment.fit,
    excludeSeen: experiment.excludeSeen,
    seed,
    runtime: {
      createEngine: (config) => createEngine(config, options.engine),
      checkpointPath: join(workFolder, `${id}.checkpoint.safetensors`),
      logPath: join(workFolder, `${id}.log.jsonl`),
      signal,
      onStep: options.onStep,
      onEpoch: options.onEpoch,
    },
  })
  const engine = await createEngine(fitted.config.encoder, options.engine)
  const model = createModelScorer(fitted.weights, { engine, config: fitted.config.encoder })
  const evaluations = await compareScorers([model], split.test, {
    dataset,
    trainEnds: split.trainEnds,
    excludeSeen: experiment.excludeSeen,
    signal,
    onScorer: (name) => onStage(`Testing ${name}`),
  })
  model.dispose()
  const result: QualityResult = {
    experiment: experiment.name,
    protocol: experiment.protocol,
    commit: currentCommit(),
    machine: describeMachine(),
    engine: fitted.engineName,
    datasetFiles: describeDataset(experiment.dataset).files.map(({ name, sha256 }) => ({
      name,
      sha256,
    })),
    config: fitted.config,
    bestEpoch: fitted.bestEpoch,
    trainingSeconds: fitted.seconds,
    curve: fitted.curve,
    metrics: Object.fromEntries(evaluations.map(({ scorer, metrics }) => [scorer, metrics])),
    ranks: Object.fromEntries(
      evaluations.map((evaluation) => [evaluation.scorer, ranksOf(evaluation, split.test)]),
    ),
  }
  const resultPath = join(resultFolder, `${id}.json`)
  const listsPath = join(workFolder, `${id}.top-k.json`)
  const last = evaluations[evaluations.length - 1] as Evaluation
  await writeJson(listsPath, exportLists(dataset, last, split.test))
  await writeJson(resultPath, result)
  return { result, resultPath, listsPath }
}

function ranksOf({ topK, maxK }: Evaluation, cases: readonly RankingCase[]): number[] {
  return cases.map(
    ({ targets }, i) => topK.subarray(i * maxK, (i + 1) * maxK).indexOf(targets[0] as number) + 1,
  )
}

function exportLists(
  dataset: Dataset,
  { scorer, topK, maxK }: Evaluation,
  cases: readonly RankingCase[],
): ExportedLists {
  return {
    scorer,
    userIds: cases.map(({ userRow }) => dataset.userIds[userRow] as string),
    lists: cases.map((_, i) => {
      const rows = topK.subarray(i * maxK, (i + 1) * maxK).filter((row) => row > 0)
      return Array.from(rows, (row) => dataset.catalog.idOf(row))
    }),
  }
}
