import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkChoice, RecommenderError, splitLeaveOneOut } from '@perennial/core'
import { type DatasetName, loadDataset } from '@perennial/datasets'
import { measureKernels } from '@perennial/train'
import Table from 'cli-table3'
import { Command } from 'commander'
import { readWhole, runBenchmarkCommand } from '../benchmark-command.ts'
import { describeRun } from '../machine.ts'
import { writeJson } from '../write-json.ts'
import type { TrainingEvents } from './draw-batches.ts'
import { findTorch } from './find-torch.ts'
import { formatVerdict, judgeTargets } from './judge-targets.ts'
import { measureCatalogue } from './measure-catalogue.ts'
import { measureSetting } from './measure-setting.ts'
import type { SettingResult, TrainingResult } from './result.ts'
import { CATALOGUE, COMMON, type ComparedEngine, ENGINES_COMPARED, SETTINGS } from './settings.ts'
import { TRAINING_HEAD, trainingCells } from './training-cells.ts'

const METHOD = {
  step: 'forward, backward and Adam on a batch that is there; making it is not timed. With our engines a step includes copying the batch into the memory of the engine',
  plain:
    'PyTorch as most public SASRec code: rows padded to the longest allowed history, nn.MultiheadAttention with its defaults and dropout, Conv1d of width 1, torch.optim.Adam',
  tuned:
    'PyTorch written for speed: rows padded to the longest of the batch, fused scaled_dot_product_attention, which takes no dropout on the CPU, one product for query, key and value, the loss on valid tokens only, fused Adam',
  order:
    'each engine in a process of its own; in a round one runs after another while the others wait, and every other round goes backward',
  flop: 'matrix products on the tokens that are there, forward and twice that for backward; the same count for all engines',
  memory: 'peak of resident memory of the process (VmHWM), its runtime and libraries included',
} as const

/** Share of the cores that others may take before times are wrong, most of all those of PyTorch. */
const MOST_BUSY = 0.05

const root = fileURLToPath(new URL('../../..', import.meta.url))
const names = [...SETTINGS.map(({ name }) => name), CATALOGUE]
const splitNames = (text: string): string[] => text.split(',')

const command = new Command('bench:training')
  .description('times training steps of our engines and of PyTorch on the same batches')
  .option('--only <names>', `settings by comma, or how they begin: ${names.join(', ')}`, splitNames)
  .option('--engines <names>', 'engines by comma', splitNames, [...ENGINES_COMPARED])
  .option('--rounds <count>', 'rounds in which every engine runs', readWhole(1), 6)
  .option('--steps <count>', 'measured steps a round', readWhole(1), 5)
  .option('--settle <count>', 'steps before them in each round', readWhole(0), 2)
  .option('--warm-up <count>', 'steps before the first round', readWhole(1), 6)
  .option('--threads <count>', 'threads of every engine', readWhole(1), availableParallelism())
  .option('--python <command>', 'Python to look for PyTorch in', 'python3')
  .option('--seed <number>', 'fixes batches, weights and dropout', readWhole(0), 1)
  .option('--out <file>', 'where the JSON goes', join(root, 'benchmarks/results/training.json'))

await runBenchmarkCommand(command, async (signal) => {
  const { only, rounds, steps, settle, warmUp, threads, python, seed, out, ...rest } =
    command.opts<{
      only?: string[]
      engines: string[]
      rounds: number
      steps: number
      settle: number
      warmUp: number
      threads: number
      python: string
      seed: number
      out: string
    }>()
  const chosen = chooseNames(only)
  for (const name of rest.engines) checkChoice('engines', name, ENGINES_COMPARED)
  const engines = rest.engines as ComparedEngine[]
  const onStage = (text: string): void => console.error(text)
  const run = describeRun()
  const environmentFolder = join(root, '.perennial', 'torch-venv')
  const needsTorch = engines.includes('plain') || engines.includes('tuned')
  const torch = needsTorch
    ? await findTorch(python, { environmentFolder, signal, onStage })
    : { skipped: 'not asked for' }
  if ('skipped' in torch && needsTorch) console.error(`PyTorch is left out: ${torch.skipped}`)
  const peak = await measureKernels()
  onStage(`Peak of ${peak.name}: ${peak.gflopsPerThread.toFixed(1)} GFLOP/s a thread`)
  const schedule = { warmUpSteps: warmUp, rounds, settleSteps: settle, stepsPerRound: steps }
  const options = { engines, schedule, numThreads: threads, seed, torch, peak, signal, onStage }
  const settings: SettingResult[] = []
  const loaded = new Map<string, TrainingEvents>()
  for (const setting of SETTINGS.filter(({ name }) => chosen.includes(name))) {
    onStage(setting.name)
    const events = loaded.get(setting.dataset) ?? (await loadTrainingEvents(setting.dataset))
    loaded.set(setting.dataset, events)
    settings.push(await measureSetting(setting, events, options))
  }
  const withCatalogue = chosen.includes(CATALOGUE)
  if (withCatalogue) onStage(CATALOGUE)
  const result: TrainingResult = {
    ...run,
    versions: {
      ...run.versions,
      '@tensorflow/tfjs-node': await readTfjsVersion(),
      torch: 'version' in torch ? torch.version : 'not installed',
    },
    ...{ seed, numThreads: threads, method: METHOD, common: COMMON, schedule, peak, settings },
    catalogue: withCatalogue ? await measureCatalogue(options) : undefined,
  }
  await writeJson(out, result)
  printResult(result)
  console.log(`Load average before the start ${run.loadAverage1m.toFixed(2)}. Wrote ${out}`)
})

function chooseNames(only: readonly string[] | undefined): readonly string[] {
  if (only === undefined) return names
  for (const start of only) {
    if (start !== '' && names.some((name) => name.startsWith(start))) continue
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected --only to name settings out of ${names.join(', ')}, got '${start}'.`,
    )
  }
  return names.filter((name) => only.some((start) => name.startsWith(start)))
}

async function loadTrainingEvents(name: DatasetName): Promise<TrainingEvents> {
  const dataset = await loadDataset(name)
  const { offsets, itemRows } = dataset.sequences
  const ends = splitLeaveOneOut(dataset).trainEnds
  return { offsets, ends, itemRows, numItems: dataset.catalog.numItems }
}

async function readTfjsVersion(): Promise<string> {
  const path = join(root, 'packages/train/node_modules/@tensorflow/tfjs-node/package.json')
  const text = await readFile(path, 'utf8').catch(() => '{"version":"not installed"}')
  return (JSON.parse(text) as { version: string }).version
}

function printResult(result: TrainingResult): void {
  const table = new Table({ head: [...TRAINING_HEAD] })
  for (const setting of result.settings) table.push(...trainingCells(setting))
  if (result.settings.length > 0) console.log(table.toString())
  for (const { name, engines } of result.settings) {
    const losses = Object.entries(engines).map(([engine, times]) => {
      if ('skipped' in times) return `${engine} left out (${times.skipped})`
      const sum = times.losses.reduce((total, loss) => total + loss, 0)
      return `${engine} ${(sum / times.losses.length).toFixed(4)}`
    })
    console.log(`${name}, mean loss: ${losses.join(', ')}`)
  }
  for (const { name, medianMs, distinctItemsPerStep } of result.catalogue?.cases ?? []) {
    const used = `${distinctItemsPerStep.toFixed(0)} items used`
    console.log(`catalogue: ${name}: ${medianMs.toFixed(1)} ms a step, ${used}`)
  }
  for (const verdict of judgeTargets(result)) console.log(formatVerdict(verdict))
  const parts = [...result.settings, { name: CATALOGUE, othersBusyShare: 0, ...result.catalogue }]
  for (const { name, othersBusyShare } of parts) {
    if (othersBusyShare <= MOST_BUSY) continue
    const percent = (100 * othersBusyShare).toFixed(0)
    console.log(`Do not use ${name}: others had ${percent} % of the cores while it was measured.`)
  }
}
