import { readFile, writeFile } from 'node:fs/promises'
import {
  checkInteger,
  DAY_MS,
  RecommenderError,
  readDataset,
  replaceFile,
  splitByTime,
} from '@perennial/core'
import { Presets, SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { defaultTestCut } from '../default-test-cut.ts'
import { createEngine, ENGINES } from '../engine/create-engine.ts'
import { parseDate, splitNames } from '../fit/flags.ts'
import { formatSeconds } from '../fit/format-seconds.ts'
import { stopSignal } from '../stop-signal.ts'
import { formatTuneReport, TRIAL_HEADS, trialRows } from './report-html.ts'
import { checkSpace, type SearchSpace } from './search-space.ts'
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
    .option('--event-types <names>', 'comma-separated types to learn from, as for fit')
    .option('--horizon-days <days>', 'days within which a purchase counts as right', Number, 28)
    .option('--test-date <date>', 'the one of `fit`; validation lies before it')
    .option('--engine <name>', `one of ${ENGINES.join(', ')}`, 'wasm')
    .option('--threads <n>', 'threads of the wasm engine (default: the cores)', Number)
    .option('--seed <n>', 'fixes what is tried and every choice within', Number)
    .action((data: string, flags: TuneFlags) => runTune(data, flags))
}

interface TuneFlags {
  readonly out: string
  readonly space?: string
  readonly trials?: number
  readonly eta?: number
  readonly minEpochs?: number
  readonly eventTypes?: string
  readonly horizonDays: number
  readonly testDate?: string
  readonly engine: string
  readonly threads?: number
  readonly seed?: number
}

async function runTune(data: string, flags: TuneFlags): Promise<void> {
  const { out, trials, eta, minEpochs, horizonDays, engine, threads: numThreads, seed } = flags
  checkInteger('horizonDays', horizonDays, 1)
  const space = flags.space === undefined ? undefined : await readSpace(flags.space)
  const testCutMs =
    flags.testDate === undefined ? undefined : parseDate('--test-date', flags.testDate)
  const eventTypes = flags.eventTypes === undefined ? undefined : splitNames(flags.eventTypes)
  const dataset = await readDataset(data, { eventTypes })
  const split = splitByTime(dataset, {
    testCutMs: testCutMs ?? defaultTestCut(dataset, horizonDays),
    horizonMs: horizonDays * DAY_MS,
  })
  const stop = stopSignal('Stopped; the same command goes on.')
  const progress = createProgress()
  try {
    const result = await tune(dataset, split, {
      space: withHorizon(space, horizonDays),
      numTrials: trials,
      eta,
      minEpochs,
      seed,
      path: out,
      createEngine: (config, workload) => createEngine(config, engine, { workload, numThreads }),
      signal: stop.signal,
      onEpoch: progress.epoch,
      onTrial: progress.trial,
    })
    progress.end()
    const report = `${out.replace(/\.json$/, '')}.html`
    await replaceFile(report, async (path) => writeFile(path, await formatTuneReport(result)))
    const table = new Table({
      head: [...TRIAL_HEADS],
      style: { head: [], border: [] },
      // Eleven options on one line are wider than any terminal.
      colWidths: [null, null, null, null, null, 60],
      wordWrap: true,
    })
    table.push(...trialRows(result))
    console.log(table.toString())
    console.log(
      `Wrote ${out} and ${report}. Train with: perennial-train fit ${data} --out artifact --config ${out}`,
    )
  } finally {
    progress.end()
    stop.release()
  }
}

/** Trains trials for the days that validation asks about, where a space names the objective and not its days. */
function withHorizon(space: SearchSpace | undefined, horizonDays: number): SearchSpace | undefined {
  if (space?.objective === undefined) return space
  return { horizonDays: { choices: [horizonDays] }, ...space }
}

/** Shows a bar of the trial that runs on a terminal, and everywhere one line a trial. */
function createProgress(): {
  epoch(report: TrialReport): void
  trial(report: TrialReport): void
  end(): void
} {
  const format = '{place} [{bar}] {value}/{total} epochs | about {left} left in all'
  const bar = process.stderr.isTTY
    ? new SingleBar(
        { format, hideCursor: true, clearOnComplete: true, stream: process.stderr },
        Presets.shades_classic,
      )
    : undefined
  return {
    epoch: (report) => {
      const { rung, numRungs, trialsDone, numTrials, epoch, epochs, secondsLeft } = report
      const place = `Rung ${rung}/${numRungs}, trial ${trialsDone + 1}/${numTrials}`
      const payload = { place, left: formatSeconds(secondsLeft) }
      if (bar?.isActive) bar.update(epoch, payload)
      else bar?.start(epochs, epoch, payload)
    },
    trial: ({ trial, rung, numRungs, trialsDone, numTrials, secondsLeft }) => {
      bar?.stop()
      const last = trial.rungs[trial.rungs.length - 1]
      const score =
        trial.failure ?? `best NDCG@10 ${last?.ndcg.toFixed(4)} by epoch ${last?.epochs}`
      console.error(
        `Rung ${rung} of ${numRungs}, trial ${trialsDone} of ${numTrials} (number ${trial.id}): ${score}; about ${formatSeconds(secondsLeft)} left in all`,
      )
    },
    end: () => bar?.stop(),
  }
}

/**
 * Reads and checks a search space.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if the file is no JSON; `INVALID_OPTION` naming file and path.
 */
async function readSpace(file: string): Promise<SearchSpace> {
  let space: SearchSpace
  try {
    space = JSON.parse(await readFile(file, 'utf8')) as SearchSpace
  } catch (cause) {
    throw new RecommenderError('INVALID_INPUT', `Expected ${file} to be a search space as JSON.`, {
      cause,
    })
  }
  try {
    checkSpace(space)
  } catch (cause) {
    if (!(cause instanceof RecommenderError)) throw cause
    throw new RecommenderError(cause.code, `${file}: ${cause.message}`)
  }
  return space
}
