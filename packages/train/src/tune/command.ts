import { readFile, writeFile } from 'node:fs/promises'
import { DAY_MS, RecommenderError, readDataset, replaceFile, splitByTime } from '@perennial/core'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { createEngine, ENGINES } from '../engine/create-engine.ts'
import { stopSignal } from '../stop-signal.ts'
import { defaultTestCut } from '../train-artifact.ts'
import { formatTuneReport, rankTrials, TRIAL_HEADS } from './report-html.ts'
import type { SearchSpace } from './search-space.ts'
import { type TrialReport, tune } from './tune.ts'

/** Adds `tune` to `perennial-train`. */
export function addTuneCommand(program: Command): void {
  program
    .command('tune')
    .description('search for settings by successive halving, on validation alone')
    .argument('<data>', 'folder with events.arrow and items.arrow')
    .requiredOption('--out <file>', 'result as JSON, for `fit --config`; a report lies beside it')
    .option('--space <file>', 'what to search, as JSON (default: a space that ships)')
    .option('--trials <n>', 'sets of options that the first rung tries', Number)
    .option(
      '--eta <n>',
      'each rung keeps one in this many and gives it so many times the epochs',
      Number,
    )
    .option('--min-epochs <n>', 'epochs of the first rung', Number)
    .option('--horizon-days <days>', 'days within which a purchase counts as right', Number, 28)
    .option('--engine <name>', `one of ${ENGINES.join(', ')}`, 'wasm')
    .option('--seed <n>', 'fixes what is tried and every choice within', Number)
    .action((data: string, flags: TuneFlags) => runTune(data, flags))
}

interface TuneFlags {
  readonly out: string
  readonly space?: string
  readonly trials?: number
  readonly eta?: number
  readonly minEpochs?: number
  readonly horizonDays: number
  readonly engine: string
  readonly seed?: number
}

async function runTune(data: string, flags: TuneFlags): Promise<void> {
  const { out, trials, eta, minEpochs, horizonDays, engine, seed } = flags
  const space = flags.space === undefined ? undefined : await readSpace(flags.space)
  const dataset = await readDataset(data)
  const split = splitByTime(dataset, {
    testCutMs: defaultTestCut(dataset, horizonDays),
    horizonMs: horizonDays * DAY_MS,
  })
  const stop = stopSignal('Stopped; the same command goes on.')
  try {
    const result = await tune(dataset, split, {
      space,
      numTrials: trials,
      eta,
      minEpochs,
      seed,
      path: out,
      createEngine: (config, workload) => createEngine(config, engine, { workload }),
      signal: stop.signal,
      onTrial: sayTrial(),
    })
    const report = `${out.replace(/\.json$/, '')}.html`
    await replaceFile(report, async (path) => writeFile(path, await formatTuneReport(result)))
    const table = new Table({ head: [...TRIAL_HEADS], style: { head: [], border: [] } })
    table.push(...rankTrials(result))
    console.log(table.toString())
    console.log(
      `Wrote ${out} and ${report}. Train with: perennial-train fit ${data} --config ${out}`,
    )
  } finally {
    stop.release()
  }
}

/** Returns a callback that says each trial, and how long its rung will go on. */
function sayTrial(): (report: TrialReport) => void {
  let began = performance.now()
  let rungNow = 1
  return ({ trial, rung, numRungs, trialsDone, numTrials }) => {
    if (rung !== rungNow) {
      rungNow = rung
      began = performance.now()
    }
    const last = trial.rungs[trial.rungs.length - 1]
    const score = trial.failure ?? `NDCG@10 ${last?.ndcg.toFixed(4)} after ${last?.epochs} epochs`
    const left = ((performance.now() - began) / 1000 / trialsDone) * (numTrials - trialsDone)
    console.error(
      `Rung ${rung} of ${numRungs}, trial ${trialsDone} of ${numTrials}: ${score}; about ${left.toFixed(0)} s left in the rung`,
    )
  }
}

async function readSpace(path: string): Promise<SearchSpace> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as SearchSpace
  } catch (cause) {
    throw new RecommenderError('INVALID_INPUT', `Expected ${path} to be a search space as JSON.`, {
      cause,
    })
  }
}
