import { writeFile } from 'node:fs/promises'
import {
  createRng,
  type Dataset,
  evaluate,
  type RankingCase,
  RecommenderError,
  replaceFile,
  type Split,
  shuffle,
} from '@perennial/core'
import type { Workload } from '../engine/create-engine.ts'
import type { Engine, PreparedBatch, Trainer } from '../engine/engine.ts'
import { saveCheckpoint } from './checkpoint.ts'
import { createModelScorer } from './model-scorer.ts'
import { copyWeights, createModelState, type ModelState, type Weights } from './model-state.ts'
import { createNegativePool } from './negatives.ts'
import { createFitConfig, type FitConfig, type FitOptions, learningRateAt } from './options.ts'
import { type EpochRecord, type FitProgress, isDone, isOutOfTime, START } from './progress.ts'
import { fingerprintOf, resume } from './resume.ts'
import { epochOrder, prepareBatch, type TrainingData } from './training-batches.ts'

/** What a step callback learns. */
export interface StepReport {
  readonly epoch: number
  readonly stepInEpoch: number
  readonly stepsPerEpoch: number
  readonly loss: number
  readonly tokensPerSecond: number
}

/** What a run needs beside its options. */
export interface FitRuntime {
  /** Called once; the caller closes the engine. With a workload the engine may be chosen by its speed on that. */
  readonly createEngine: (
    config: FitConfig['encoder'],
    workload?: Workload,
  ) => Promise<Engine> | Engine
  /** File to continue from and to save to. @defaultValue no checkpoint */
  readonly checkpointPath?: string | undefined
  /** @defaultValue 60 */
  readonly checkpointEverySeconds?: number | undefined
  /** Weights to start from, with fresh moments. @defaultValue random ones by the seed */
  readonly initialWeights?: Weights | undefined
  /** File that gets one JSON line an epoch. @defaultValue no log */
  readonly logPath?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onStep?: ((report: StepReport) => void) | undefined
  readonly onEpoch?: ((record: EpochRecord) => void) | undefined
}

/** What training returns: the weights of the best validation, or the last ones without validation cases. */
export interface FitResult {
  readonly config: FitConfig
  readonly weights: Weights
  readonly bestEpoch: number
  readonly curve: readonly EpochRecord[]
  readonly seconds: number
  readonly engineName: string
}

const STREAM_VALIDATION = 21

/**
 * Trains the network on `split.trainEnds` and keeps the weights with the best NDCG@10 on `split.validation`.
 *
 * A run that finds its checkpoint goes on from it and ends with the same weights as one never stopped:
 * order, negatives and dropout are functions of the seed and the step.
 *
 * @throws {@link RecommenderError} `TRAINING_DIVERGED` if the loss is not finite, naming step and learning
 * rate; `BAD_CHECKPOINT` if the checkpoint belongs to other data or options; `INVALID_OPTION`;
 * `INVALID_EVENTS` if no user has two training events. Rejects with the signal's reason when aborted,
 * after saving a checkpoint.
 */
export async function fit(
  dataset: Dataset,
  split: Pick<Split, 'trainEnds' | 'validation'>,
  { runtime, ...options }: FitOptions & { readonly runtime: FitRuntime },
): Promise<FitResult> {
  const config = createFitConfig(options, dataset.catalog.numItems)
  const engine = await runtime.createEngine(config.encoder)
  const fingerprint = fingerprintOf(dataset, split)
  const run = (await resume(runtime.checkpointPath, config, fingerprint)) ?? {
    config,
    dataFingerprint: fingerprint,
    progress: START,
    state: createModelState(config, dataset.catalog.numItems, runtime.initialWeights),
    best: null,
  }
  const cases = chooseCases(split.validation, config)
  const { trainEnds } = split
  const context: Context = {
    dataset,
    data: {
      sequences: dataset.sequences,
      trainEnds,
      pool: createNegativePool(dataset, trainEnds, config),
    },
    cases,
    config,
    engine,
    state: run.state,
    trainer: await engine.createTrainer(run.state),
    runtime,
    fingerprint,
  }
  let { progress, best } = run
  try {
    while (!isDone(progress, config, cases.length)) {
      const trained = await trainEpoch(context, { progress, best })
      const standing = { progress: trained, best }
      ;({ progress, best } = await closeEpoch(context, standing).catch(async (error) => {
        if (runtime.signal?.aborted) await save(context, standing)
        throw error
      }))
      await save(context, { progress, best })
      if (runtime.logPath !== undefined) await writeLog(runtime.logPath, progress.curve)
      runtime.onEpoch?.(progress.curve[progress.curve.length - 1] as EpochRecord)
    }
  } finally {
    context.trainer.dispose()
  }
  return {
    config,
    weights: best ?? copyWeights(run.state),
    bestEpoch: best === null ? progress.epoch : progress.bestEpoch,
    curve: progress.curve,
    seconds: progress.seconds,
    engineName: engine.name,
  }
}

interface Context {
  readonly dataset: Dataset
  readonly data: TrainingData
  readonly cases: readonly RankingCase[]
  readonly config: FitConfig
  readonly engine: Engine
  /** Up to date between epochs, and after each reading of the trainer. */
  readonly state: ModelState
  readonly trainer: Trainer
  readonly runtime: FitRuntime
  readonly fingerprint: string
}

interface Standing {
  readonly progress: FitProgress
  readonly best: Weights | null
}

async function trainEpoch(context: Context, { progress, best }: Standing): Promise<FitProgress> {
  const { data, config, runtime, trainer } = context
  const order = epochOrder(data.sequences, data.trainEnds, {
    seed: config.seed,
    epoch: progress.epoch,
  })
  if (order.length === 0) {
    throw new RecommenderError(
      'INVALID_EVENTS',
      'Expected at least one user with two or more training events, got none. Use more history or an earlier cut.',
    )
  }
  const stepsPerEpoch = Math.ceil(order.length / config.batchSize)
  let { stepInEpoch, step, lossSum, tokenSum } = progress
  const resumedSeconds = progress.seconds
  const began = performance.now()
  let savedAt = began
  const standing = (): FitProgress => ({
    ...progress,
    stepInEpoch,
    step,
    lossSum,
    tokenSum,
    seconds: resumedSeconds + (performance.now() - began) / 1000,
  })
  const prepare = (place: number, count: number): PreparedBatch | undefined =>
    place >= stepsPerEpoch
      ? undefined
      : prepareBatch(
          data,
          order.subarray(place * config.batchSize, (place + 1) * config.batchSize),
          {
            config,
            step: count,
          },
        )
  let prepared = prepare(stepInEpoch, step)
  while (prepared !== undefined && !(tokenSum > 0 && isOutOfTime(standing(), config))) {
    if (runtime.signal?.aborted) {
      await save(context, { progress: standing(), best })
      throw runtime.signal.reason
    }
    const started = performance.now()
    const learningRate = learningRateAt(config, { step, stepsPerEpoch })
    const pending = trainer.step(prepared, { learningRate, step: step + 1 })
    const numTokens = prepared.batch.tokens.length
    // The next batch is made while the engine's threads work on this one.
    prepared = prepare(stepInEpoch + 1, step + 1)
    const loss = await pending
    if (!Number.isFinite(loss)) {
      throw new RecommenderError(
        'TRAINING_DIVERGED',
        `Expected a finite loss, got ${loss} at step ${step + 1} with learning rate ${learningRate}. Try a smaller \`learningRate\`.`,
      )
    }
    step++
    stepInEpoch++
    lossSum += loss * numTokens
    tokenSum += numTokens
    const tokensPerSecond = numTokens / ((performance.now() - started) / 1000)
    runtime.onStep?.({
      epoch: progress.epoch + 1,
      stepInEpoch,
      stepsPerEpoch,
      loss,
      tokensPerSecond,
    })
    if (performance.now() - savedAt > 1000 * (runtime.checkpointEverySeconds ?? 60)) {
      await save(context, { progress: standing(), best })
      savedAt = performance.now()
    }
    // The event loop must turn for signals and progress to be seen.
    await new Promise(setImmediate)
  }
  await trainer.read()
  return standing()
}

/** Validates when it is due, and writes the epoch's record. */
async function closeEpoch(context: Context, { progress, best }: Standing): Promise<Standing> {
  const { cases, config, state } = context
  const epoch = progress.epoch + 1
  const isLast = epoch === config.maxEpochs || isOutOfTime(progress, config)
  const isDue = cases.length > 0 && (isLast || epoch % config.validateEvery === 0)
  const began = performance.now()
  const validationNdcg = isDue ? await validate(context) : null
  const seconds = progress.seconds + (performance.now() - began) / 1000
  const isBest = validationNdcg !== null && validationNdcg > progress.bestNdcg
  const secondsBefore = progress.curve[progress.curve.length - 1]?.seconds ?? 0
  const record: EpochRecord = {
    epoch,
    loss: progress.lossSum / progress.tokenSum,
    validationNdcg,
    seconds,
    tokensPerSecond: progress.tokenSum / (progress.seconds - secondsBefore),
  }
  return {
    best: isBest ? copyWeights(state) : best,
    progress: {
      ...progress,
      epoch,
      stepInEpoch: 0,
      lossSum: 0,
      tokenSum: 0,
      bestNdcg: isBest ? validationNdcg : progress.bestNdcg,
      bestEpoch: isBest ? epoch : progress.bestEpoch,
      validationsWithoutGain: isBest ? 0 : progress.validationsWithoutGain + (isDue ? 1 : 0),
      seconds,
      curve: [...progress.curve, record],
    },
  }
}

async function validate(context: Context): Promise<number> {
  const { dataset, data, cases, config, engine, runtime, state } = context
  const scorer = await createModelScorer(state, { engine, config: config.encoder })
  try {
    const { metrics } = await evaluate(scorer, cases, {
      dataset,
      trainEnds: data.trainEnds,
      ks: [10],
      excludeSeen: config.excludeSeen,
      signal: runtime.signal,
    })
    return metrics['ndcg@10'] as number
  } finally {
    scorer.dispose()
  }
}

function chooseCases(
  cases: readonly RankingCase[],
  { validationUsers, seed }: FitConfig,
): readonly RankingCase[] {
  if (validationUsers === null || validationUsers >= cases.length) return cases
  return shuffle([...cases], createRng(seed, STREAM_VALIDATION)).slice(0, validationUsers)
}

async function save(context: Context, { progress, best }: Standing): Promise<void> {
  const { runtime, config, fingerprint, state, trainer } = context
  if (runtime.checkpointPath === undefined) return
  await trainer.read()
  await saveCheckpoint(runtime.checkpointPath, {
    config,
    dataFingerprint: fingerprint,
    progress,
    state,
    best,
  })
}

/** Writes the whole log, which a resumed run then continues without a gap or a line twice. */
async function writeLog(path: string, curve: readonly EpochRecord[]): Promise<void> {
  const lines = curve.map((record) => `${JSON.stringify(record)}\n`).join('')
  await replaceFile(path, (temporary) => writeFile(temporary, lines))
}
