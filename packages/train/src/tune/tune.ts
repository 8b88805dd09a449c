import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkInteger, type Dataset, RecommenderError, type Split } from '@perennial/core'
import { fingerprintOf } from '../fit/resume.ts'
import type { FitRuntime } from '../fit/run-training.ts'
import { planRungs, rankTrials, searchSecondsLeft, survivors } from './halving.ts'
import { createTrialRunner, type RunTrial } from './run-trial.ts'
import { checkSpace, defaultSpace, drawTrials, type SearchSpace } from './search-space.ts'
import { readSearch, type TuneResult, writeSearch } from './search-state.ts'
import type { Trial } from './trial.ts'

/** Options of {@link tune}. */
export interface TuneOptions {
  /** @defaultValue {@link defaultSpace} */
  readonly space?: SearchSpace | undefined
  /** Sets of options that the first rung tries. @defaultValue 9 */
  readonly numTrials?: number | undefined
  /** Each rung keeps one of `eta` trials and gives it `eta` times the epochs; 2 or more. @defaultValue 3 */
  readonly eta?: number | undefined
  /** Epochs of the first rung. @defaultValue 2 */
  readonly minEpochs?: number | undefined
  /** Fixes what is tried and every choice within. @defaultValue 1 */
  readonly seed?: number | undefined
  /** Whether validation leaves out items of the history. @defaultValue false */
  readonly excludeSeen?: boolean | undefined
  /** File of the result; rewritten after each trial, so that a stopped search goes on from it. */
  readonly path: string
  readonly createEngine: FitRuntime['createEngine']
  /** How a trial is run. @defaultValue `fit`, from the trial's checkpoint on */
  readonly runTrial?: RunTrial | undefined
  readonly signal?: AbortSignal | undefined
  /** Called after each epoch of a trial. */
  readonly onEpoch?: ((report: TrialReport) => void) | undefined
  /** Called after each trial of a rung. */
  readonly onTrial?: ((report: TrialReport) => void) | undefined
}

/** Where a search stands. */
export interface TrialReport {
  readonly trial: Trial
  /** 1-based. */
  readonly rung: number
  readonly numRungs: number
  /** Epochs that the trial has behind it, and those that it has at the rung's end. */
  readonly epoch: number
  readonly epochs: number
  /** Trials of the rung that are done. */
  readonly trialsDone: number
  /** Trials of the rung. */
  readonly numTrials: number
  /** Of the whole search, at the mean speed so far. */
  readonly secondsLeft: number
}

/**
 * Searches for options by successive halving: all trials train a little, the best `1 / eta` of them go on with `eta`
 * times the epochs, until one is left. Choices are made by NDCG@10 on `split.validation` alone.
 *
 * A trial goes on from its own checkpoint, so the learning rate stays constant in all of them. A trial whose loss is not
 * finite goes no further. The same call goes on from `path` and ends as an unbroken one would.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`, before any training; `INVALID_INPUT` without validation cases;
 * `BAD_CHECKPOINT` if `path` holds a search of other data or settings; `TRAINING_DIVERGED` if every trial diverged.
 * Rejects with the signal's reason when aborted, nothing lost.
 * @see Jamieson and Talwalkar 2016, {@link https://arxiv.org/abs/1502.07943 | arXiv:1502.07943}, figure 3.
 */
export async function tune(
  dataset: Dataset,
  split: Pick<Split, 'trainEnds' | 'validation'>,
  options: TuneOptions,
): Promise<TuneResult> {
  const { numItems } = dataset.catalog
  const { space = defaultSpace(numItems), numTrials = 9, eta = 3, minEpochs = 2 } = options
  const { seed = 1, excludeSeen = false, path, signal } = options
  checkSpace(space)
  checkInteger('numTrials', numTrials, 1, 10_000)
  checkInteger('eta', eta, 2)
  checkInteger('minEpochs', minEpochs, 1)
  checkInteger('seed', seed, 0, 2 ** 32 - 1)
  if (split.validation.length === 0) {
    throw new RecommenderError('INVALID_INPUT', 'Expected validation cases to choose by, got none.')
  }
  const plan = planRungs({ numTrials, eta, minEpochs })
  const settings = {
    ...{ seed, space, numTrials, eta, minEpochs, excludeSeen },
    dataFingerprint: fingerprintOf(dataset, split),
    rungs: plan,
  }
  const drawn = drawTrials(space, { seed, numTrials, numItems })
  const found = await readSearch(path, settings)
  let result: TuneResult = found ?? { ...settings, trials: drawn, best: null }
  const { runTrial = createTrialRunner(dataset, split, { ...options, excludeSeen }) } = options
  const work = `${path}.trials`
  if (found === undefined) {
    // Checkpoints of a search whose file was deleted may lie there, further on than a rung of this one asks for.
    await rm(work, { recursive: true, force: true })
    await writeSearch(path, result)
  }
  await mkdir(work, { recursive: true })
  const checkpointOf = ({ id }: Trial): string => join(work, `${id}.safetensors`)

  for (const [rung, { epochs }] of plan.entries()) {
    const chosen = survivors(result.trials, { rung, plan })
    result = { ...result, trials: await stopOthers(result.trials, chosen, checkpointOf) }
    for (const [i, { id }] of chosen.entries()) {
      const trial = result.trials[id] as Trial
      if (trial.rungs.length > rung || trial.failure !== undefined) continue
      signal?.throwIfAborted()
      const standing = { rung: rung + 1, numRungs: plan.length, epochs, numTrials: chosen.length }
      const done = await settle(trial, () =>
        runTrial(trial, {
          epochs,
          checkpointPath: checkpointOf(trial),
          signal,
          onEpoch: ({ epoch, seconds }) => {
            const running = { id, epochs: epoch, seconds }
            const secondsLeft = searchSecondsLeft(result.trials, { rung, plan, running })
            options.onEpoch?.({ ...standing, trial, epoch, trialsDone: i, secondsLeft })
          },
        }),
      )
      result = { ...result, trials: result.trials.with(id, done) }
      await writeSearch(path, result)
      const secondsLeft = searchSecondsLeft(result.trials, { rung, plan })
      const epoch = done.rungs[done.rungs.length - 1]?.epochs ?? 0
      options.onTrial?.({ ...standing, trial: done, epoch, trialsDone: i + 1, secondsLeft })
    }
  }
  result = crown(result)
  await writeSearch(path, result)
  await rm(work, { recursive: true })
  if (result.best !== null) return result
  throw new RecommenderError(
    'TRAINING_DIVERGED',
    `Expected one trial at least to keep a finite loss, but all ${numTrials} diverged; ${path} says where. Search smaller values of \`learningRate\`.`,
  )
}

/** Runs a trial's rung; a loss that is not finite ends the trial, not the search. */
async function settle(trial: Trial, run: () => ReturnType<RunTrial>): Promise<Trial> {
  try {
    return { ...trial, rungs: [...trial.rungs, await run()] }
  } catch (error) {
    if (!(error instanceof RecommenderError) || error.code !== 'TRAINING_DIVERGED') throw error
    return { ...trial, status: 'diverged', failure: error.message }
  }
}

/** Marks trials that a rung leaves out, and removes their checkpoints, which nothing reads again. */
async function stopOthers(
  trials: readonly Trial[],
  chosen: readonly Trial[],
  checkpointOf: (trial: Trial) => string,
): Promise<readonly Trial[]> {
  const isLeft = new Set(chosen.map(({ id }) => id))
  const others = trials.filter(({ id }) => !isLeft.has(id))
  for (const trial of others) await rm(checkpointOf(trial), { force: true })
  return others.reduce(
    (all, trial) =>
      trial.status === 'open' ? all.with(trial.id, { ...trial, status: 'stopped' }) : all,
    trials,
  )
}

/** Names the best trial: not always one of the last rung, where all may have diverged. */
function crown(result: TuneResult): TuneResult {
  const [winner] = rankTrials(result.trials)
  if (winner === undefined || winner.failure !== undefined) return { ...result, best: null }
  const trials = result.trials.map((trial): Trial => {
    if (trial.id === winner.id) return { ...trial, status: 'best' }
    return trial.status === 'open' ? { ...trial, status: 'stopped' } : trial
  })
  return { ...result, trials, best: winner.options }
}
