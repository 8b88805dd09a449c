import { writeFile } from 'node:fs/promises'
import {
  type Dataset,
  evaluate,
  type RankingCase,
  RecommenderError,
  replaceFile,
} from '@perennial/core'
import type { Workload } from '../engine/create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { saveCheckpoint } from './checkpoint.ts'
import { createModelScorer } from './model-scorer.ts'
import { copyWeights, createModelState, type ModelState, type Weights } from './model-state.ts'
import { type FitConfig, learningRateAt } from './options.ts'
import {
  type EpochRecord,
  type FitProgress,
  isDone,
  isOutOfTime,
  START,
  timeLeft,
} from './progress.ts'
import { resume } from './resume.ts'
import { sampleWorkload } from './sample-workload.ts'
import type { TrainingSource } from './training-source.ts'

/** What a step callback learns. */
export interface StepReport {
  readonly epoch: number
  readonly stepInEpoch: number
  readonly stepsPerEpoch: number
  readonly loss: number
  readonly numTokens: number
  readonly tokensPerSecond: number
  /** Of the epoch's training, at the mean speed since the epoch began or was gone on with. */
  readonly epochSecondsLeft: number
  /** Of the run's training if patience does not end it earlier, at the same speed. */
  readonly secondsLeft: number
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
  /** What a question after training adds to the score of each item: shape `[numItems + 1]`; `null` without a prior. */
  readonly priorLogits: Float32Array | null
}

/** What is trained and what it is judged by. */
export interface TrainingTask {
  readonly config: FitConfig
  readonly numItems: number
  readonly source: TrainingSource
  /** Identifies what is trained on and validated by, so that a checkpoint is not continued on other data. */
  readonly fingerprint: string
  readonly priorLogits: FitResult['priorLogits']
  readonly validation: {
    readonly dataset: Dataset
    readonly trainEnds: Int32Array
    /** Empty for a run without validation. */
    readonly cases: readonly RankingCase[]
  }
}

/**
 * Runs training to its end, whatever the events come from: epochs, validation, best weights, checkpoints.
 *
 * @throws {@link RecommenderError} as `fit` does.
 */
export async function runTraining(task: TrainingTask, runtime: FitRuntime): Promise<FitResult> {
  const { config, numItems, source, fingerprint } = task
  if (source.numSequences === 0) {
    throw new RecommenderError(
      'INVALID_EVENTS',
      `Expected at least one user with ${config.objective === 'horizon' ? 'training events on two or more days' : 'two or more training events'}, got none. Use more history or a later cut.`,
    )
  }
  const engine = await runtime.createEngine(config.encoder, await sampleWorkload(source, config))
  const run = (await resume(runtime.checkpointPath, config, fingerprint)) ?? {
    config,
    dataFingerprint: fingerprint,
    progress: START,
    state: createModelState(config, numItems, runtime.initialWeights),
    best: null,
  }
  const context: Context = {
    ...task,
    engine,
    state: run.state,
    trainer: await engine.createTrainer(run.state),
    runtime,
  }
  let { progress, best } = run
  try {
    while (!isDone(progress, config, task.validation.cases.length)) {
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
    priorLogits: task.priorLogits,
  }
}

interface Context extends TrainingTask {
  readonly engine: Engine
  /** Up to date between epochs, and after each reading of the trainer. */
  readonly state: ModelState
  readonly trainer: Awaited<ReturnType<Engine['createTrainer']>>
  readonly runtime: FitRuntime
}

interface Standing {
  readonly progress: FitProgress
  readonly best: Weights | null
}

async function trainEpoch(context: Context, { progress, best }: Standing): Promise<FitProgress> {
  const { source, config, runtime, trainer } = context
  const { stepsPerEpoch } = source
  let { stepInEpoch, step, lossSum, tokenSum, questionSum } = progress
  const resumedSeconds = progress.seconds
  const firstStep = stepInEpoch
  const batches = source.batches(progress)
  let prepared = await takeNext(batches)
  const began = performance.now()
  let savedAt = began
  const standing = (): FitProgress => ({
    ...progress,
    stepInEpoch,
    step,
    lossSum,
    tokenSum,
    questionSum,
    seconds: resumedSeconds + (performance.now() - began) / 1000,
  })
  while (prepared !== undefined && !(tokenSum > 0 && isOutOfTime(standing(), config))) {
    if (runtime.signal?.aborted) {
      await save(context, { progress: standing(), best })
      throw runtime.signal.reason
    }
    const started = performance.now()
    const learningRate = learningRateAt(config, { step, stepsPerEpoch })
    const pending = trainer.step(prepared, { learningRate, step: step + 1 })
    const numTokens = prepared.batch.tokens.length
    const numQuestions = prepared.batch.questions.length
    // The next batch is made while the engine's threads work on this one.
    const [loss, next] = await Promise.all([pending, takeNext(batches)])
    prepared = next
    if (!Number.isFinite(loss)) {
      throw new RecommenderError(
        'TRAINING_DIVERGED',
        `Expected a finite loss, got ${loss} at step ${step + 1} with learning rate ${learningRate}. Try a smaller \`learningRate\`.`,
      )
    }
    step++
    stepInEpoch++
    lossSum += loss * numQuestions
    tokenSum += numTokens
    questionSum += numQuestions
    const now = performance.now()
    const secondsPerStep = (now - began) / 1000 / (stepInEpoch - firstStep)
    runtime.onStep?.({
      epoch: progress.epoch + 1,
      stepInEpoch,
      stepsPerEpoch,
      loss,
      numTokens,
      tokensPerSecond: numTokens / ((now - started) / 1000),
      ...timeLeft(standing(), { config, stepsPerEpoch, secondsPerStep }),
    })
    if (now - savedAt > 1000 * (runtime.checkpointEverySeconds ?? 60)) {
      await save(context, { progress: standing(), best })
      savedAt = performance.now()
    }
    // The event loop must turn for signals and progress to be seen.
    await new Promise(setImmediate)
  }
  await batches.return()
  await trainer.read()
  return standing()
}

async function takeNext<T>(items: AsyncGenerator<T, void, undefined>): Promise<T | undefined> {
  const { value, done } = await items.next()
  return done ? undefined : (value as T)
}

/** Validates when it is due, and writes the epoch's record. */
async function closeEpoch(context: Context, { progress, best }: Standing): Promise<Standing> {
  const { config, state } = context
  const { cases } = context.validation
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
    loss: progress.lossSum / progress.questionSum,
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
      questionSum: 0,
      bestNdcg: isBest ? validationNdcg : progress.bestNdcg,
      bestEpoch: isBest ? epoch : progress.bestEpoch,
      validationsWithoutGain: isBest ? 0 : progress.validationsWithoutGain + (isDue ? 1 : 0),
      seconds,
      curve: [...progress.curve, record],
    },
  }
}

async function validate(context: Context): Promise<number> {
  const { config, engine, runtime, state, priorLogits } = context
  const { dataset, trainEnds, cases } = context.validation
  const scorer = await createModelScorer(state, { engine, config: config.encoder, priorLogits })
  try {
    const { metrics } = await evaluate(scorer, cases, {
      dataset,
      trainEnds,
      ks: [10],
      excludeSeen: config.excludeSeen,
      signal: runtime.signal,
    })
    return metrics['ndcg@10'] as number
  } finally {
    scorer.dispose()
  }
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
