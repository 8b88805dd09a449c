import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DATASET_FILES, RecommenderError } from '@perennial/core'
import { Command } from 'commander'
import { readWhole, runBenchmarkCommand } from '../benchmark-command.ts'
import { describeRun } from '../machine.ts'
import { renderScale } from '../tables/render-scale.ts'
import { writeJson } from '../write-json.ts'
import type { ScaleResult, ScaleRun, ScaleTask } from './result.ts'
import { writeScaleData } from './write-scale-data.ts'

const MEMORY_BUDGET_BYTES = 16e9

const command = new Command('bench:scale')
  .description('trains on generated events that do not fit in memory, stops, and goes on')
  .option('--users <count>', 'users', readWhole(1), 5_000_000)
  .option('--items <count>', 'items', readWhole(1), 1_000_000)
  .option('--events <count>', 'events', readWhole(1), 200_000_000)
  .option('--steps <count>', 'steps until it is stopped', readWhole(2), 400)
  .option('--resumed-steps <count>', 'steps after that', readWhole(2), 20)
  .option('--batch-size <count>', 'sequences a step', readWhole(1), 256)
  .option('--dim <count>', 'length of item vectors', readWhole(1), 64)
  .option('--negatives <count>', 'random items a step', readWhole(1), 512)
  .option('--seed <number>', 'fixes data and training', readWhole(0), 1)
  .option('--temporary <folder>', 'where data and checkpoint are meanwhile', tmpdir())
  .option(
    '--out <file>',
    'where the JSON goes',
    fileURLToPath(new URL('../../results/scale.json', import.meta.url)),
  )

await runBenchmarkCommand(command, async (signal) => {
  const { users, items, events, seed, temporary, out, resumedSteps, ...rest } = command.opts<{
    users: number
    items: number
    events: number
    steps: number
    resumedSteps: number
    batchSize: number
    dim: number
    negatives: number
    seed: number
    temporary: string
    out: string
  }>()
  const run = describeRun()
  const { steps, batchSize, dim, negatives: numNegatives } = rest
  const size = { numUsers: users, numItems: items, numEvents: events }
  await mkdir(temporary, { recursive: true })
  const place = await mkdtemp(join(temporary, 'perennial-scale-'))
  try {
    const folder = join(place, 'data')
    await mkdir(folder)
    await writeData(folder, { ...size, seed, signal })
    const checkpointPath = join(place, 'checkpoint.safetensors')
    const task = { folder, checkpointPath, steps, batchSize, dim, numNegatives, seed }
    const first = await train(task, signal)
    const resumed = await train({ ...task, steps: resumedSteps }, signal)
    const result: ScaleResult = {
      ...run,
      ...size,
      task: { steps, batchSize, dim, numNegatives, seed },
      eventsFileBytes: (await stat(join(folder, DATASET_FILES.events))).size,
      checkpointBytes: (await stat(checkpointPath)).size,
      loadAverage1mAtEnd: loadavg()[0] as number,
      runs: { first, resumed },
    }
    await writeJson(out, result, { indent: 2 })
    console.log(renderScale(result))
    console.log(`Wrote ${out}`)
    judge(result)
  } finally {
    await rm(place, { recursive: true, force: true })
  }
})

async function writeData(
  folder: string,
  { signal, ...size }: Parameters<typeof writeScaleData>[1] & { readonly signal: AbortSignal },
): Promise<void> {
  const began = performance.now()
  let said = began
  await writeScaleData(folder, {
    ...size,
    onProgress: (numEvents) => {
      signal.throwIfAborted()
      if (performance.now() - said < 10_000) return
      said = performance.now()
      console.error(`wrote ${numEvents.toLocaleString('en')} events`)
    },
  })
  console.error(`wrote the data in ${((performance.now() - began) / 1000).toFixed(0)} s`)
}

/** Trains in a process of its own, whose peak memory is then that of training. */
async function train(task: ScaleTask, signal: AbortSignal): Promise<ScaleRun> {
  const script = fileURLToPath(new URL('./train-process.js', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(task)], {
    signal,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code === 0) return JSON.parse(text) as ScaleRun
  throw new RecommenderError('INVALID_INPUT', `The training process ended with code ${code}.`)
}

function judge({ runs: { first, resumed } }: ScaleResult): void {
  const faults: string[] = []
  if (resumed.stepsBefore !== first.stepsAfter) {
    faults.push(`stopped after step ${first.stepsAfter}, went on after ${resumed.stepsBefore}`)
  }
  for (const { peakBytes } of [first, resumed]) {
    if (!(peakBytes <= MEMORY_BUDGET_BYTES)) faults.push(`peak memory of ${peakBytes} bytes`)
  }
  for (const fault of faults) console.error(`bench:scale failed: ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
