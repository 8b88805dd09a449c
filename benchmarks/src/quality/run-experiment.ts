import { join } from 'node:path'
import {
  type Dataset,
  type Evaluation,
  evaluate,
  type RankingCase,
  type Split,
  splitLeaveOneOut,
} from '@perennial/core'
import { describeDataset, loadDataset } from '@perennial/datasets'
import {
  compareScorers,
  createEngine,
  createFitConfig,
  createModelScorer,
  type EpochRecord,
  fit,
  type StepReport,
} from '@perennial/train'
import { currentCommit, describeMachine } from '../machine.ts'
import { writeJson } from '../write-json.ts'
import { type Experiment, settingsOf } from './experiment.ts'
import type { ExportedLists, QualityResult } from './result.ts'

/** Options of {@link runExperiment}. */
export interface RunOptions {
  readonly seed: number
  readonly engine: string
  readonly numThreads?: number | undefined
  /** Folder of checkpoints and exported lists; a run found there goes on. */
  readonly workFolder: string
  /** Name of the variant to run. @defaultValue the experiment as it is */
  readonly variant?: string | undefined
  /** What the trained network is asked at the end; nothing may be chosen by `test`. */
  readonly split: 'validation' | 'test'
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

/** Trains, asks once beside the baselines, and writes the result and the exported lists. */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions,
): Promise<RunOutcome> {
  const { seed, workFolder, resultFolder, signal, onStage } = options
  const { variant } = options
  const id = [experiment.name, ...(variant === undefined ? [] : [variant]), 'seed', seed].join('-')
  const settings = settingsOf(experiment, variant)
  onStage(`Reading ${experiment.dataset}`)
  const dataset = await loadDataset(experiment.dataset)
  const split = dropCold(splitLeaveOneOut(dataset), dataset, experiment)
  const config = createFitConfig(settings, dataset.catalog.numItems)
  const engine = await createEngine(config.encoder, options.engine, {
    numThreads: options.numThreads,
  })
  onStage(`Training ${id} with ${engine.name}`)
  const fitted = await fit(dataset, split, {
    ...settings,
    excludeSeen: experiment.excludeSeen,
    seed,
    runtime: {
      createEngine: () => engine,
      checkpointPath: join(workFolder, `${id}.checkpoint.safetensors`),
      logPath: join(workFolder, `${id}.log.jsonl`),
      signal,
      onStep: options.onStep,
      onEpoch: options.onEpoch,
    },
  })
  const model = await createModelScorer(fitted.weights, { engine, config: fitted.config.encoder })
  const cases = split[options.split]
  const { excludeSeen } = experiment
  const asked = { dataset, trainEnds: split.trainEnds, excludeSeen, signal }
  const evaluations =
    options.split === 'validation'
      ? [await evaluate(model, cases, asked)]
      : await compareScorers([model], cases, {
          ...asked,
          onScorer: (name) => onStage(`Testing ${name}`),
        })
  model.dispose()
  await engine.close()
  const result: QualityResult = {
    experiment: experiment.name,
    variant: variant ?? null,
    split: options.split,
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
      evaluations.map((evaluation) => [evaluation.scorer, ranksOf(evaluation, cases)]),
    ),
  }
  const resultPath = join(resultFolder, `${id}.json`)
  const listsPath = join(workFolder, `${id}.top-k.json`)
  const last = evaluations[evaluations.length - 1] as Evaluation
  await writeJson(listsPath, exportLists(dataset, last, cases))
  await writeJson(resultPath, result)
  return { result, resultPath, listsPath }
}

/** Leaves out the cases whose target no training event has, where the protocol does. */
function dropCold(split: Split, { sequences }: Dataset, { dropColdTargets }: Experiment): Split {
  if (!dropColdTargets) return split
  const known = new Set<number>()
  split.trainEnds.forEach((end, u) => {
    for (const row of sequences.itemRows.subarray(sequences.offsets[u], end)) known.add(row)
  })
  const isWarm = ({ targets }: RankingCase): boolean => targets.every((row) => known.has(row))
  return {
    ...split,
    validation: split.validation.filter(isWarm),
    test: split.test.filter(isWarm),
  }
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
