import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkChoice, RecommenderError } from '@perennial/core'
import { loadDataset, TAFENG_KEYSETS } from '@perennial/datasets'
import { ENGINES, REPORTED_METRICS, resultRows } from '@perennial/train'
import Table from 'cli-table3'
import { Command } from 'commander'
import { beauty } from './configs/beauty.ts'
import { ml1m } from './configs/ml-1m.ts'
import type { Experiment } from './experiment.ts'
import { printResult } from './lifecycle/print-result.ts'
import { runActivity } from './lifecycle/run-activity.ts'
import { LIFECYCLE_EXPERIMENTS, runLifecycle } from './lifecycle/run-lifecycle.ts'
import { runTiming } from './lifecycle/run-timing.ts'
import { VARIANTS } from './lifecycle/settings.ts'
import type { ExportedLists, QualityResult } from './result.ts'
import { runExperiment } from './run-experiment.ts'
import { recomputeMetrics } from './verify-result.ts'

const EXPERIMENTS: readonly Experiment[] = [ml1m, beauty]
const TIMING = 'online-retail-ii-timing'
const ACTIVITY = 'online-retail-ii-activity'
const NAMES = [...EXPERIMENTS.map(({ name }) => name), ...LIFECYCLE_EXPERIMENTS, TIMING, ACTIVITY]
const root = fileURLToPath(new URL('../../..', import.meta.url))

const program = new Command('bench:quality')
  .description('trains, tests once, and writes results')
  .argument('<experiment>', `one of ${NAMES.join(', ')}`)
  .option('--variant <name>', 'one lever undone, asked on validation; `all` runs each in turn')
  .option('--validation', 'ask validation at the end, not the test')
  .option('--seed <n>', 'fixes every random choice (default: 1; lifecycle data: 1 and 2)', Number)
  .option('--engine <name>', `one of ${ENGINES.join(', ')}`, 'auto')
  .option('--data <folder>', 'of csv: a folder made by perennial-train ingest')
  .option('--horizon <days>', 'of csv: days ahead that are asked about', Number, 28)
  .option('--keysets <names>', 'of tafeng-nbr: some of the divisions, by comma (default: all)')
  .option('--threads <n>', 'threads of the wasm engine (default: the cores)', Number)
  .option('--work <folder>', 'checkpoints, logs and exported lists (default: .perennial/quality)')
  .option('--out <folder>', 'results (default: benchmarks/results/quality)')
  .action(async (name: string, flags: Flags) => {
    checkChoice('experiment', name, NAMES)
    const experiment = EXPERIMENTS.find((candidate) => candidate.name === name)
    const abort = new AbortController()
    const stopped =
      experiment === undefined
        ? 'Stopped; nothing was written.'
        : 'Stopped; the same command goes on.'
    process.once('SIGINT', () => abort.abort(new RecommenderError('ABORTED', stopped)))
    const { signal } = abort
    if (name === TIMING) return runOnTiming(flags, signal)
    if (name === ACTIVITY) return runOnActivity(flags, signal)
    if (experiment === undefined) return runOnLifecycle(name, flags, signal)
    for (const variant of chooseVariants(experiment.variants, flags.variant))
      await runOne(experiment, { variant, flags, signal })
  })

interface Flags {
  readonly variant?: string
  readonly validation?: boolean
  readonly seed?: number
  readonly engine: string
  readonly data?: string
  readonly horizon: number
  readonly keysets?: string
  readonly threads?: number
  readonly work?: string
  readonly out?: string
}

/** Returns the variants to run; `undefined` is the experiment as it is. */
function chooseVariants(
  variants: Readonly<Record<string, unknown>>,
  variant: string | undefined,
): (string | undefined)[] {
  if (variant === undefined) return [undefined]
  const known = Object.keys(variants)
  if (variant === 'all') return known
  checkChoice('variant', variant, known)
  return [variant]
}

async function runOnLifecycle(name: string, flags: Flags, signal: AbortSignal): Promise<void> {
  checkChoice('experiment', name, LIFECYCLE_EXPERIMENTS)
  if (name === 'csv' && flags.data === undefined) {
    throw new RecommenderError(
      'INVALID_OPTION',
      'Expected `--data` to name a folder made by `perennial-train ingest`, got nothing.',
    )
  }
  const written = await runLifecycle(name, {
    split: splitOf(flags),
    variants: chooseVariants(VARIANTS, flags.variant),
    seeds: flags.seed === undefined ? [1, 2] : [flags.seed],
    engine: flags.engine,
    numThreads: flags.threads,
    dataFolder: flags.data ?? '',
    horizonDays: flags.horizon,
    keysets: flags.keysets?.split(',') ?? TAFENG_KEYSETS,
    resultFolder: resultFolderOf(flags),
    signal,
    onStage: (text) => console.error(text),
  })
  for (const { result, path } of written) {
    printResult(result, console.log)
    console.log(`Wrote ${path}`)
  }
}

async function runOnTiming(flags: Flags, signal: AbortSignal): Promise<void> {
  const { result, path } = await runTiming({
    seed: flags.seed ?? 1,
    engine: flags.engine,
    numThreads: flags.threads,
    resultFolder: resultFolderOf(flags),
    signal,
    onStage: (text) => console.error(text),
  })
  const { boughtAgain, repeatPairs, pairs } = result
  for (const [method, { medianErrorDays, shareWithinGap }] of Object.entries(boughtAgain.methods))
    console.log(
      `${method}: median error ${medianErrorDays.toFixed(1)} days, ${shareWithinGap.toFixed(3)} within a quarter of the own gap`,
    )
  for (const [name, { auc, brier, calibrationError, numPairs }] of Object.entries({
    'pairs of two purchases or more': repeatPairs,
    'all pairs': pairs,
  }))
    console.log(
      `${name} (${numPairs}), within 28 days: AUC ${auc.toFixed(4)}, Brier ${brier.toFixed(4)}, calibration error ${calibrationError.toFixed(4)}`,
    )
  console.log(`Wrote ${path}`)
}

async function runOnActivity(flags: Flags, signal: AbortSignal): Promise<void> {
  const { result, path } = await runActivity({
    resultFolder: resultFolderOf(flags),
    signal,
    onStage: (text) => console.error(text),
  })
  for (const { cut, horizonDays, chosen, bgNbd, served } of result.questions)
    console.log(
      `${cut}, ${horizonDays} days: BG/NBD AUC ${bgNbd.auc.toFixed(4)}, calibration error ${bgNbd.calibrationError.toFixed(4)}; taken ${chosen}, AUC ${served.auc.toFixed(4)}, calibration error ${served.calibrationError.toFixed(4)}`,
    )
  console.log(`Wrote ${path}`)
}

function resultFolderOf({ out }: Flags): string {
  return out ?? join(root, 'benchmarks', 'results', 'quality')
}

/** A lever is undone on validation alone. */
function splitOf({ variant, validation }: Flags): 'validation' | 'test' {
  return variant !== undefined || validation ? 'validation' : 'test'
}

async function runOne(
  experiment: Experiment,
  { variant, flags, signal }: { variant: string | undefined; flags: Flags; signal: AbortSignal },
): Promise<void> {
  const split = splitOf(flags)
  let saidAt = performance.now()
  const { result, resultPath, listsPath } = await runExperiment(experiment, {
    variant,
    split,
    seed: flags.seed ?? 1,
    engine: flags.engine,
    numThreads: flags.threads,
    workFolder: flags.work ?? join(root, '.perennial', 'quality'),
    resultFolder: resultFolderOf(flags),
    signal,
    onStage: (text) => console.error(text),
    onStep: ({ epoch, stepInEpoch, stepsPerEpoch, loss, tokensPerSecond }) => {
      if (performance.now() - saidAt < 15_000) return
      saidAt = performance.now()
      console.error(
        `  epoch ${epoch}, step ${stepInEpoch} of ${stepsPerEpoch}, loss ${loss.toFixed(3)}, ${tokensPerSecond.toFixed(0)} events/s`,
      )
    },
    onEpoch: ({ epoch, loss, validationNdcg, seconds }) => {
      console.error(
        `Epoch ${epoch}: loss ${loss.toFixed(4)}, validation NDCG@10 ${validationNdcg?.toFixed(4) ?? '-'}, ${seconds.toFixed(0)} s`,
      )
    },
  })
  const rows = Object.entries(result.metrics).map(([scorer, metrics]) => ({ scorer, metrics }))
  const table = new Table({ head: ['Method', ...Object.values(REPORTED_METRICS)] })
  table.push(...resultRows(rows))
  console.log(table.toString())
  if (split === 'test') await verify(experiment, result, listsPath)
  console.log(
    `On ${split}: best epoch ${result.bestEpoch}, ${result.trainingSeconds.toFixed(0)} s of training. Wrote ${resultPath}`,
  )
}

/** Computes the metrics again from the exported lists. */
async function verify(
  experiment: Experiment,
  result: QualityResult,
  listsPath: string,
): Promise<void> {
  const lists = JSON.parse(await readFile(listsPath, 'utf8')) as ExportedLists
  const again = recomputeMetrics(lists, await loadDataset(experiment.dataset))
  const reported = result.metrics[lists.scorer] as Record<string, number>
  for (const [key, value] of Object.entries(again)) {
    const agrees = Math.abs(value - (reported[key] as number)) < 1e-6
    console.log(
      `${key} from the exported lists: ${value.toFixed(6)} (${agrees ? 'equal to the reported one' : `NOT the reported ${reported[key]}`})`,
    )
    if (!agrees) process.exitCode = 1
  }
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof RecommenderError)) throw error
  console.error(`bench:quality: ${error.code}\n  ${error.message}`)
  process.exitCode = 1
}
