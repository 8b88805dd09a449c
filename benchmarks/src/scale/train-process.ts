import { readFileSync } from 'node:fs'
import {
  createEngine,
  describeMemory,
  fitFromShards,
  formatSeconds,
  type ShardFitOptions,
  type StepReport,
} from '@perennial/train'
import type { ScaleRun, ScaleTask } from './result.ts'

interface Report {
  readonly report: StepReport
  readonly at: number
}

/** Trains in this process until it has taken its steps, stops as on Ctrl-C, and prints what it found as JSON. */
const task = JSON.parse(process.argv[2] as string) as ScaleTask
const { folder, checkpointPath, steps, batchSize, dim, numNegatives, seed } = task
const REPORT_EVERY_MS = 10_000
const STOP = new Error('as many steps as were asked for')

const options: Omit<ShardFitOptions, 'runtime'> = {
  split: { kind: 'leave-one-out' },
  encoder: { dim },
  loss: 'sampled-softmax',
  ...{ numNegatives, batchSize, seed },
}
const startedAt = performance.now()
let scannedAt = startedAt
let reportedAt = startedAt
let numTokens = 0
let engineName = ''
let statedBytes = 0
const reports: Report[] = []
const abort = new AbortController()
const runtime: ShardFitOptions['runtime'] = {
  createEngine: async (config) => {
    const engine = await createEngine(config, 'wasm')
    engineName = engine.name
    return engine
  },
  checkpointPath,
  // The one at the end is timed; the others would be part of some steps.
  checkpointEverySeconds: Number.POSITIVE_INFINITY,
  signal: abort.signal,
  onEstimate: (estimate) => {
    statedBytes = estimate.totalBytes
    console.error(`expected memory: ${describeMemory(estimate)}`)
  },
  onScan: ({ numDone, numBatches }) => {
    scannedAt = performance.now()
    if (scannedAt - reportedAt < REPORT_EVERY_MS && numDone < numBatches) return
    reportedAt = scannedAt
    console.error(`first pass: ${numDone} of ${numBatches} record batches`)
  },
  onStep: (report) => {
    const at = performance.now()
    reports.push({ report, at })
    // The first step also compiles.
    if (reports.length > 1) numTokens += report.numTokens
    if (reports.length === steps) abort.abort(STOP)
    if (at - reportedAt < REPORT_EVERY_MS && reports.length < steps) return
    reportedAt = at
    const { stepInEpoch, stepsPerEpoch, loss, tokensPerSecond } = report
    console.error(
      `step ${stepInEpoch} of ${stepsPerEpoch}, loss ${loss.toFixed(3)}, ${Math.round(tokensPerSecond).toLocaleString('en')} tokens/s, ${formatSeconds(report.epochSecondsLeft)} left in epoch`,
    )
  },
}

await fitFromShards(folder, { ...options, runtime }).then(
  () => {
    throw new Error('The run ended before its steps were taken; ask for fewer.')
  },
  (error: unknown) => {
    if (error !== STOP) throw error
  },
)
const endedAt = performance.now()
const [first, last] = [reports[0], reports[reports.length - 1]] as [Report, Report]
const seconds = (last.at - first.at) / 1000
const { stepsPerEpoch } = last.report
const found: ScaleRun = {
  engine: engineName,
  stepsBefore: stepsOf(first.report) - 1,
  stepsAfter: stepsOf(last.report),
  stepsPerEpoch,
  firstLoss: first.report.loss,
  lastLoss: last.report.loss,
  tokensPerSecond: numTokens / seconds,
  epochSecondsLeft: last.report.epochSecondsLeft,
  epochSeconds: (seconds / (reports.length - 1)) * stepsPerEpoch,
  scanSeconds: (scannedAt - startedAt) / 1000,
  startSeconds: (first.at - scannedAt) / 1000,
  saveSeconds: (endedAt - last.at) / 1000,
  peakBytes: readPeakBytes(),
  statedBytes,
}
console.log(JSON.stringify(found))

function stepsOf({ epoch, stepInEpoch, stepsPerEpoch: perEpoch }: StepReport): number {
  return (epoch - 1) * perEpoch + stepInEpoch
}

/** The peak that `getrusage` gives can be that of the process which started this one, so Linux is asked first. */
function readPeakBytes(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1])
  } catch {
    return 1024 * process.resourceUsage().maxRSS
  }
}
