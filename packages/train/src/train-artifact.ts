import {
  type BlendConfig,
  checkInteger,
  countPurchases,
  DAY_MS,
  type Dataset,
  type Evaluation,
  endsBefore,
  type Manifest,
  RecommenderError,
  type Split,
  splitByTime,
  writeArtifact,
} from '@perennial/core'
import type { Engine } from './engine/engine.ts'
import { type ChosenBlend, chooseBlend } from './evaluate/choose-blend.ts'
import { compareScorers } from './evaluate/compare-scorers.ts'
import { completeVectors } from './export/cold-vectors.ts'
import { encodeOnnx } from './export/encode-onnx.ts'
import { fit } from './fit/fit.ts'
import { createModelScorer } from './fit/model-scorer.ts'
import type { Weights } from './fit/model-state.ts'
import { createFitConfig, type FitConfig, type FitOptions } from './fit/options.ts'
import type { FitResult, FitRuntime } from './fit/run-training.ts'
import { sampleWorkload } from './fit/sample-workload.ts'
import { createMemorySource } from './fit/training-source.ts'
import { formatTrainingReport } from './report/training-report.ts'

/** What a caller may say of {@link trainArtifact}. */
export interface TrainOptions extends Omit<FitOptions, 'excludeSeen'> {
  /** Days after the question within which a purchase counts as right, in training for a horizon too; a whole number. @defaultValue 28 */
  readonly horizonDays?: number | undefined
  /** When the test question is asked, ms since 1970 UTC. @defaultValue the horizon before the last event, at midnight UTC */
  readonly testCutMs?: number | undefined
  /** Epochs on all events up to the test cut, from the best weights on, within `maxSeconds` of their own. @defaultValue 2 */
  readonly refitEpochs?: number | undefined
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
  /** Baselines first, then the network, then the network with the repeat part. */
  readonly evaluations: readonly Evaluation[]
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
  checkExportable(config)
  const { testCutMs = defaultTestCut(dataset, horizonDays) } = options
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

/** Refuses what an artifact has no place for: a second item table, and logits beside the network's. */
function checkExportable({ encoder, popularityPrior }: FitConfig): void {
  if (encoder.outputEmbeddings === 'tied' && popularityPrior === 0) return
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`encoder.outputEmbeddings\` to be 'tied' and \`popularityPrior\` 0 for an artifact, got '${encoder.outputEmbeddings}' and ${popularityPrior}. \`fit\` takes others.`,
  )
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
  const blend = await tuneBlend(context, split)
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
  const evaluations = await test(context, split, { weights: final, blend, trainEnds, onStage })

  onStage?.('Writing the artifact')
  const popularity = countPurchases(dataset, trainEnds, { halfLifeDays: 30 })
  const result = { fitted, blend, evaluations, testCutMs, horizonDays }
  const report = await formatTrainingReport(dataset, result)
  const { repeatWeight, halfLifeDays } = blend
  const manifest = await writeArtifact(folder, {
    name,
    encoder: encodeOnnx(final.parameters, encoder),
    items: Array.from({ length: dataset.catalog.numItems }, (_, i) =>
      dataset.catalog.recordOf(i + 1),
    ),
    vectors: { dim, vectors: itemTable, popularity: Float32Array.from(popularity), trained },
    extraFiles: { 'report.html': report },
    manifest: {
      encoder,
      blend: { repeatWeight, halfLifeDays },
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

interface Context {
  readonly dataset: Dataset
  readonly engine: Engine
  readonly fitted: FitResult
  readonly signal: AbortSignal | undefined
}

async function tuneBlend(
  { dataset, engine, fitted, signal }: Context,
  split: Split,
): Promise<ChosenBlend> {
  const config = fitted.config.encoder
  // As at the test and in serving, where an item never trained on has a derived vector.
  const { itemTable } = completeVectors(fitted.weights.itemTable, {
    dataset,
    trainEnds: [split.trainEnds],
    encoder: config,
    objective: fitted.config.objective,
  })
  const scorer = await createModelScorer({ ...fitted.weights, itemTable }, { engine, config })
  try {
    return await chooseBlend(scorer, split.validation, { dataset, signal })
  } finally {
    scorer.dispose()
  }
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
    trainEnds,
    onStage,
  }: {
    weights: Weights
    blend: BlendConfig
    trainEnds: Int32Array
    onStage: TrainRuntime['onStage']
  },
): Promise<Evaluation[]> {
  const config = fitted.config.encoder
  const models = [
    await createModelScorer(weights, { engine, config }),
    await createModelScorer(weights, { engine, config, blend }),
  ]
  try {
    return await compareScorers(models, split.test, {
      dataset,
      trainEnds,
      excludeSeen: false,
      signal,
      onScorer: (scorer) => onStage?.(`Testing ${scorer}`),
    })
  } finally {
    for (const model of models) model.dispose()
  }
}

/** Returns when the test question is asked if nobody says: the horizon before the last event, at midnight UTC. */
export function defaultTestCut({ sequences }: Dataset, horizonDays: number): number {
  const last = sequences.timestampMs.reduce((max, time) => Math.max(max, time), -Infinity)
  return (Math.floor(last / DAY_MS) + 1 - horizonDays) * DAY_MS
}
