import {
  type BlendConfig,
  checkInteger,
  countPurchases,
  DAY_MS,
  type Dataset,
  type DurabilityOverride,
  dayOf,
  type Evaluation,
  endsBefore,
  type Manifest,
  type Split,
  splitByTime,
  writeArtifact,
} from '@perennial/core'
import { checkTrainOptions } from './check-train-options.ts'
import {
  type ChosenRanking,
  type TrainedContext as Context,
  chooseRanking,
} from './choose-ranking.ts'
import { checkMidnight, defaultTestCut } from './default-test-cut.ts'
import type { Engine } from './engine/engine.ts'
import type { ChosenBlend } from './evaluate/choose-blend.ts'
import { compareScorers } from './evaluate/compare-scorers.ts'
import { completeVectors } from './export/cold-vectors.ts'
import { encodeOnnx } from './export/encode-onnx.ts'
import { encodeRankerOnnx } from './export/encode-ranker-onnx.ts'
import { fit } from './fit/fit.ts'
import { createModelScorer } from './fit/model-scorer.ts'
import type { Weights } from './fit/model-state.ts'
import { createFitConfig, type FitOptions } from './fit/options.ts'
import type { FitResult, FitRuntime } from './fit/run-training.ts'
import { sampleWorkload } from './fit/sample-workload.ts'
import { createMemorySource } from './fit/training-source.ts'
import type { FittedLifecycle } from './ranker/fit-lifecycle.ts'
import { type Calibration, measureCalibration } from './ranker/measure-calibration.ts'
import { createServedScorer } from './ranker/served-scorer.ts'
import { formatTrainingReport } from './report/training-report.ts'

/** What a caller may say of {@link trainArtifact}. */
export interface TrainOptions extends Omit<FitOptions, 'excludeSeen'> {
  /** Days after the question within which a purchase counts as right, in training for a horizon too; a whole number. @defaultValue 28 */
  readonly horizonDays?: number | undefined
  /** When the test question is asked: midnight UTC, ms since 1970. @defaultValue the horizon before the last event, at midnight UTC */
  readonly testCutMs?: number | undefined
  /** Epochs on all events up to the test cut, from the best weights on, within `maxSeconds` of their own. @defaultValue 2 */
  readonly refitEpochs?: number | undefined
  /** The merchant's word on what lasts and for how long nothing like it is offered. @defaultValue none */
  readonly durabilityOverrides?: readonly DurabilityOverride[] | undefined
  /** In front of the model version. @defaultValue 'perennial' */
  readonly name?: string | undefined
}

/** What {@link trainArtifact} needs beside its options. */
export interface TrainRuntime extends Omit<FitRuntime, 'initialWeights'> {
  /** Called when a part of the work begins, with a sentence for the user. */
  readonly onStage?: ((stage: string) => void) | undefined
}

/** What training came to. */
export interface TrainResult {
  readonly manifest: Manifest
  readonly fitted: FitResult
  readonly blend: ChosenBlend
  readonly lifecycle: ChosenRanking['lifecycle'] & { readonly calibration: Calibration | null }
  /** Baselines first, then the network, the network with the repeat part, and, where that is not it, what is served. */
  readonly evaluations: readonly Evaluation[]
  /** How many evaluations at the end are no baselines. */
  readonly numModels: number
  readonly testCutMs: number
  readonly horizonDays: number
}

/**
 * Trains on a data set's past, chooses on the window before the test cut, tests once on the window after
 * it, and writes the artifact.
 *
 * @param folder - Artifact folder; replaced as a whole at the end.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option, before any work; else as {@link fit} and
 * `splitByTime` do.
 */
export async function trainArtifact(
  dataset: Dataset,
  folder: string,
  { runtime, ...options }: TrainOptions & { readonly runtime: TrainRuntime },
): Promise<TrainResult> {
  const { horizonDays = 28, refitEpochs = 2 } = options
  checkInteger('horizonDays', horizonDays, 1)
  checkInteger('refitEpochs', refitEpochs, 0)
  const config = createFitConfig(options, dataset.catalog.numItems)
  checkTrainOptions(config, dataset, options)
  const { testCutMs = defaultTestCut(dataset, horizonDays) } = options
  checkMidnight(testCutMs)
  const split = splitByTime(dataset, { testCutMs, horizonMs: horizonDays * DAY_MS })
  const source = createMemorySource(dataset, split.trainEnds, config)
  const workload = await sampleWorkload(source, config)
  const engine = await runtime.createEngine(config.encoder, workload)
  try {
    const settled = { ...options, horizonDays, refitEpochs, testCutMs }
    return await trainOn(engine, folder, { dataset, split, options: settled, runtime })
  } finally {
    await engine.close()
  }
}

type SettledOptions = TrainOptions &
  Required<{ [Key in 'horizonDays' | 'refitEpochs' | 'testCutMs']: number }>

async function trainOn(
  engine: Engine,
  folder: string,
  {
    dataset,
    split,
    options,
    runtime,
  }: { dataset: Dataset; split: Split; options: SettledOptions; runtime: TrainRuntime },
): Promise<TrainResult> {
  const { horizonDays, refitEpochs, testCutMs, name = 'perennial' } = options
  const { signal, onStage } = runtime
  onStage?.('Training; the window before the test decides when to stop')
  const fitted = await fit(dataset, split, {
    ...options,
    runtime: { ...runtime, createEngine: () => engine },
  })

  const { encoder, objective } = fitted.config
  onStage?.('Weighing the network against what the customer buys again')
  const context = { dataset, engine, fitted, signal }
  const { blend, lifecycle } = await chooseRanking(context, split, {
    horizonDays,
    testCutMs,
    seed: fitted.config.seed,
    durabilityOverrides: options.durabilityOverrides,
    onStage,
  })
  const trainEnds = endsBefore(dataset.sequences, testCutMs)
  const learnedEnds = refitEpochs === 0 ? split.trainEnds : trainEnds
  onStage?.('Learning the newest window')
  const weights = await refit(context, trainEnds, { options, runtime, refitEpochs })

  onStage?.('Testing once, beside the baselines')
  const { dim } = encoder
  const { itemTable, trained } = completeVectors(weights.itemTable, {
    dataset,
    trainEnds: refitEpochs === 0 ? [split.trainEnds] : [split.trainEnds, trainEnds],
    encoder,
    objective,
  })
  const final = { ...weights, itemTable }
  const { evaluations, numModels, calibration } = await test(context, split, {
    weights: final,
    blend,
    lifecycle,
    trainEnds,
    testCutMs,
    onStage,
  })

  onStage?.('Writing the artifact')
  const popularity = countPurchases(dataset, trainEnds, { halfLifeDays: 30 })
  const result = {
    fitted,
    blend,
    lifecycle: { ...lifecycle, calibration },
    evaluations,
    numModels,
    testCutMs,
    horizonDays,
  }
  const report = await formatTrainingReport(dataset, result)
  const { repeatWeight, halfLifeDays } = blend
  const manifest = await writeArtifact(folder, {
    name,
    encoder: encodeOnnx(final.parameters, encoder),
    items: Array.from({ length: dataset.catalog.numItems }, (_, i) =>
      dataset.catalog.recordOf(i + 1),
    ),
    vectors: { dim, vectors: itemTable, popularity: Float32Array.from(popularity), trained },
    lifecycle: {
      ranker:
        lifecycle.networks &&
        encodeRankerOnnx(lifecycle.networks.ranker, lifecycle.networks.timing),
      purchases: lifecycle.purchases,
      links: lifecycle.links,
      customers: lifecycle.customers,
    },
    extraFiles: { 'report.html': report },
    manifest: {
      encoder,
      blend: { repeatWeight, halfLifeDays },
      lifecycle: lifecycle.config,
      data: {
        numUsers: dataset.sequences.numUsers,
        numItems: dataset.catalog.numItems,
        numEvents: learnedEnds.reduce(
          (sum, end, u) => sum + end - (dataset.sequences.offsets[u] as number),
          0,
        ),
        trainedUntil: new Date(
          refitEpochs === 0 ? testCutMs - horizonDays * DAY_MS : testCutMs,
        ).toISOString(),
        currency: dataset.currency,
        ...(dataset.eventTypes === undefined ? {} : { eventTypes: dataset.eventTypes }),
      },
      training: {
        engine: fitted.engineName,
        epochs: fitted.bestEpoch + refitEpochs,
        seconds: fitted.seconds,
        config: { ...fitted.config },
      },
      metrics: Object.fromEntries(evaluations.map(({ scorer, metrics }) => [scorer, metrics])),
    },
  })
  return { manifest, ...result }
}

/** Goes on from the best weights with the events up to the test cut, which validation had held back. */
async function refit(
  { dataset, engine, fitted, signal }: Context,
  trainEnds: Int32Array,
  {
    options,
    runtime,
    refitEpochs,
  }: { options: FitOptions; runtime: TrainRuntime; refitEpochs: number },
): Promise<Weights> {
  if (refitEpochs === 0) return fitted.weights
  const { weights } = await fit(
    dataset,
    { trainEnds, validation: [] },
    {
      ...options,
      maxEpochs: refitEpochs,
      runtime: {
        createEngine: () => engine,
        initialWeights: fitted.weights,
        signal,
        onStep: runtime.onStep,
      },
    },
  )
  return weights
}

async function test(
  { dataset, engine, fitted, signal }: Context,
  split: Split,
  {
    weights,
    blend,
    lifecycle,
    trainEnds,
    testCutMs,
    onStage,
  }: {
    weights: Weights
    blend: BlendConfig
    lifecycle: FittedLifecycle
    trainEnds: Int32Array
    testCutMs: number
    onStage: TrainRuntime['onStage']
  },
): Promise<{ evaluations: Evaluation[]; numModels: number; calibration: Calibration | null }> {
  const config = fitted.config.encoder
  const networks = [
    await createModelScorer(weights, { engine, config }),
    await createModelScorer(weights, { engine, config, blend }),
  ]
  const served = await createServedScorer(dataset, lifecycle, { engine, asOfDay: dayOf(testCutMs) })
  const models = served === undefined ? networks : [...networks, served]
  try {
    const evaluations = await compareScorers(models, split.test, {
      dataset,
      trainEnds,
      excludeSeen: false,
      signal,
      onScorer: (scorer) => onStage?.(`Testing ${scorer}`),
    })
    const calibration = await measureCalibration(dataset, lifecycle, {
      engine,
      cutDay: dayOf(testCutMs),
      signal,
    })
    return { evaluations, numModels: models.length, calibration }
  } finally {
    for (const network of networks) network.dispose()
    served?.dispose()
  }
}
