import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  checkInteger,
  type Dataset,
  RecommenderError,
  replaceFile,
  type Split,
} from '@perennial/core'
import { fit } from '../fit/fit.ts'
import type { FitOptions } from '../fit/options.ts'
import { fingerprintOf } from '../fit/resume.ts'
import type { FitRuntime } from '../fit/run-training.ts'
import { checkSpace, DEFAULT_SPACE, drawOptions, type SearchSpace } from './search-space.ts'

/** What one trial came to at the end of a rung. */
export interface TrialRung {
  readonly epochs: number
  /** Best NDCG@10 on validation so far; -1 when training diverged. */
  readonly ndcg: number
  /** Seconds of training and validation so far. */
  readonly seconds: number
}

/** One set of options and how far it came. */
export interface Trial {
  readonly id: number
  readonly options: FitOptions
  readonly rungs: readonly TrialRung[]
  /** Why training broke off; absent where it did not. */
  readonly failure?: string
}

/** What a search came to, as it stands in its file. */
export interface TuneResult {
  readonly seed: number
  readonly space: SearchSpace
  readonly numTrials: number
  readonly eta: number
  readonly minEpochs: number
  /** Identifies data and split. */
  readonly dataFingerprint: string
  readonly trials: readonly Trial[]
  /** Options of the trial with the best NDCG@10 in the last rung; `null` until that is done. */
  readonly best: FitOptions | null
}

/** Options of {@link tune}. */
export interface TuneOptions {
  /** @defaultValue {@link DEFAULT_SPACE} */
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
  readonly signal?: AbortSignal | undefined
  /** Called after each trial of a rung. */
  readonly onTrial?: ((report: TrialReport) => void) | undefined
}

/** Where a search stands. */
export interface TrialReport {
  readonly trial: Trial
  /** 1-based. */
  readonly rung: number
  readonly numRungs: number
  readonly trialsDone: number
  readonly numTrials: number
}

/**
 * Searches for options by successive halving: all trials train a little, the best `1 / eta` of them go on with `eta`
 * times the epochs, until one is left. Choices are made by NDCG@10 on `split.validation` alone.
 *
 * A trial goes on from its own checkpoint, so the learning rate stays constant in all of them. A trial whose loss
 * turns into NaN counts as the worst. The same call goes on from `path` and ends as an unbroken one would.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`; `BAD_CHECKPOINT` if `path` holds a search of other data or
 * settings. Rejects with the signal's reason when aborted, nothing lost.
 * @see Jamieson and Talwalkar 2016, {@link https://arxiv.org/abs/1502.07943 | arXiv:1502.07943}, figure 3.
 */
export async function tune(
  dataset: Dataset,
  split: Pick<Split, 'trainEnds' | 'validation'>,
  options: TuneOptions,
): Promise<TuneResult> {
  const { space = DEFAULT_SPACE, numTrials = 9, eta = 3, minEpochs = 2, seed = 1, path } = options
  checkSpace(space)
  checkInteger('numTrials', numTrials, 1, 10_000)
  checkInteger('eta', eta, 2)
  checkInteger('minEpochs', minEpochs, 1)
  checkInteger('seed', seed, 0, 2 ** 32 - 1)
  if (split.validation.length === 0) {
    throw new RecommenderError('INVALID_INPUT', 'Expected validation cases to choose by, got none.')
  }
  const settings = { seed, space, numTrials, eta, minEpochs }
  const dataFingerprint = fingerprintOf(dataset, split)
  let result: TuneResult = (await readSearch(path, { ...settings, dataFingerprint })) ?? {
    ...settings,
    dataFingerprint,
    trials: Array.from({ length: numTrials }, (_, id) => ({
      id,
      options: drawOptions(space, { seed, trial: id }),
      rungs: [],
    })),
    best: null,
  }
  const work = `${path}.trials`
  await mkdir(work, { recursive: true })
  const numRungs = countRungs(numTrials, eta)
  for (let rung = 0; rung < numRungs; rung++) {
    const chosen = survivors(result.trials, { rung, eta })
    for (const [i, { id }] of chosen.entries()) {
      const trial = result.trials[id] as Trial
      if (trial.rungs.length > rung || trial.failure !== undefined) continue
      const done = await runTrial(trial, {
        dataset,
        split,
        options,
        seed,
        epochs: minEpochs * eta ** rung,
        checkpointPath: join(work, `${id}.safetensors`),
      })
      result = { ...result, trials: result.trials.with(id, done) }
      await writeSearch(path, result)
      options.onTrial?.({
        trial: done,
        rung: rung + 1,
        numRungs,
        trialsDone: i + 1,
        numTrials: chosen.length,
      })
    }
  }
  const [winner] = survivors(result.trials, { rung: numRungs, eta })
  result = { ...result, best: winner?.failure === undefined ? (winner?.options ?? null) : null }
  await writeSearch(path, result)
  await rm(work, { recursive: true })
  return result
}

/** Returns how often trials are run until one is left. */
export function countRungs(numTrials: number, eta: number): number {
  return 1 + Math.floor(Math.log(numTrials) / Math.log(eta) + 1e-9)
}

/** Returns the trials that a rung runs: all at first, then the best of those that the rung before ran. */
export function survivors(
  trials: readonly Trial[],
  { rung, eta }: { readonly rung: number; readonly eta: number },
): readonly Trial[] {
  let chosen = trials
  for (let r = 0; r < rung; r++) {
    const score = ({ rungs, failure }: Trial): number =>
      failure === undefined ? (rungs[r]?.ndcg ?? -1) : -1
    const count = Math.max(1, Math.floor(chosen.length / eta))
    chosen = chosen.toSorted((a, b) => score(b) - score(a) || a.id - b.id).slice(0, count)
  }
  return chosen
}

async function runTrial(
  trial: Trial,
  {
    dataset,
    split,
    options,
    seed,
    epochs,
    checkpointPath,
  }: {
    dataset: Dataset
    split: Pick<Split, 'trainEnds' | 'validation'>
    options: TuneOptions
    seed: number
    epochs: number
    checkpointPath: string
  },
): Promise<Trial> {
  const { createEngine, signal, excludeSeen } = options
  const engines: Awaited<ReturnType<FitRuntime['createEngine']>>[] = []
  try {
    const { curve, seconds } = await fit(dataset, split, {
      ...trial.options,
      excludeSeen,
      seed,
      maxEpochs: epochs,
      patience: epochs,
      runtime: {
        createEngine: async (config, workload) => {
          const engine = await createEngine(config, workload)
          engines.push(engine)
          return engine
        },
        checkpointPath,
        signal,
      },
    })
    const ndcg = curve.reduce(
      (best, { validationNdcg }) => Math.max(best, validationNdcg ?? -1),
      -1,
    )
    return { ...trial, rungs: [...trial.rungs, { epochs, ndcg, seconds }] }
  } catch (error) {
    if (!(error instanceof RecommenderError) || error.code !== 'TRAINING_DIVERGED') throw error
    return { ...trial, failure: error.message }
  } finally {
    for (const engine of engines) await engine.close()
  }
}

async function readSearch(
  path: string,
  settings: Omit<TuneResult, 'trials' | 'best'>,
): Promise<TuneResult | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const bad = (what: string, cause?: unknown): RecommenderError =>
    new RecommenderError(
      'BAD_CHECKPOINT',
      `Expected ${path} to hold this search, but it ${what}. Delete it or name another file.`,
      { cause },
    )
  let found: TuneResult
  try {
    found = JSON.parse(text) as TuneResult
  } catch (cause) {
    throw bad('is no JSON', cause)
  }
  for (const [key, value] of Object.entries(settings)) {
    if (JSON.stringify(found[key as keyof TuneResult]) === JSON.stringify(value)) continue
    throw bad(`was made with another \`${key}\``)
  }
  return found
}

async function writeSearch(path: string, result: TuneResult): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await replaceFile(path, (temporary) =>
    writeFile(temporary, `${JSON.stringify(result, null, 2)}\n`),
  )
}
