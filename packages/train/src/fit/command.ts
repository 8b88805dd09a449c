import { rm } from 'node:fs/promises'
import {
  BLOCKS,
  type EncoderOptions,
  RecommenderError,
  readDataset,
  TIME_FEATURES,
} from '@perennial/core'
import { MultiBar, Presets } from 'cli-progress'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { createEngine, ENGINES } from '../engine/create-engine.ts'
import {
  compareInWords,
  intervalInWords,
  REPORTED_METRICS,
  resultRows,
} from '../report/training-report.ts'
import { stopSignal } from '../stop-signal.ts'
import { type TrainOptions, trainArtifact } from '../train-artifact.ts'
import { formatSeconds } from './format-seconds.ts'
import { DECAYS, type FitOptions, LOSSES } from './options.ts'
import type { EpochRecord } from './progress.ts'
import type { StepReport } from './run-training.ts'
import { readSettings } from './settings-file.ts'

/** Adds `fit` to `perennial-train`. */
export function addFitCommand(program: Command): void {
  const number = (text: string): number => Number(text)
  program
    .command('fit')
    .description(
      'train on a folder that `ingest` made, test against the baselines, and write an artifact',
    )
    .argument('<data>', 'folder with events.arrow and items.arrow')
    .requiredOption('--out <folder>', 'artifact folder; replaced as a whole at the end')
    .option('--engine <name>', `one of ${ENGINES.join(', ')}`, 'auto')
    .option(
      '--event-types <names>',
      'comma-separated types to learn from and predict (default: all)',
    )
    .option('--horizon-days <days>', 'days within which a purchase counts as right', number)
    .option('--test-date <date>', 'when the test question is asked, as YYYY-MM-DD (UTC)')
    .option('--threads <n>', 'threads of the wasm engine (default: the cores)', number)
    .option('--config <file>', 'options as JSON, or what `tune` wrote; flags go before it')
    .option('--block <name>', `one of ${BLOCKS.join(', ')}`)
    .option('--time-features <names>', `comma-separated, of ${TIME_FEATURES.join(', ')}`)
    .option('--dim <n>', 'length of item vectors', number)
    .option('--blocks <n>', 'transformer blocks', number)
    .option('--heads <n>', 'attention heads', number)
    .option('--max-length <n>', 'longest history the network sees', number)
    .option('--dropout <share>', 'share of activations dropped in training', number)
    .option('--loss <name>', `one of ${LOSSES.join(', ')}`)
    .option('--negatives <n>', 'random items a step, for sampled-softmax', number)
    .option('--batch-size <n>', 'sequences a step', number)
    .option('--learning-rate <rate>', 'step size of Adam', number)
    .option('--learning-rate-decay <name>', `one of ${DECAYS.join(', ')}`)
    .option('--max-epochs <n>', 'most passes over the data', number)
    .option('--max-seconds <n>', 'seconds after which training ends', number)
    .option('--patience <n>', 'validations without gain before it stops', number)
    .option('--refit-epochs <n>', 'epochs on the validation window at the end', number)
    .option('--seed <n>', 'fixes every random choice', number)
    .option('--checkpoint <file>', 'where a killed run goes on from (default: beside the artifact)')
    .option('--log <file>', 'one JSON line an epoch')
    .action((data: string, flags: FitFlags) => runFit(data, flags))
}

interface FitFlags {
  readonly out: string
  readonly engine: string
  readonly eventTypes?: string
  readonly horizonDays?: number
  readonly testDate?: string
  readonly threads?: number
  readonly config?: string
  readonly block?: string
  readonly timeFeatures?: string
  readonly dim?: number
  readonly blocks?: number
  readonly heads?: number
  readonly maxLength?: number
  readonly dropout?: number
  readonly loss?: string
  readonly negatives?: number
  readonly batchSize?: number
  readonly learningRate?: number
  readonly learningRateDecay?: string
  readonly maxEpochs?: number
  readonly maxSeconds?: number
  readonly patience?: number
  readonly refitEpochs?: number
  readonly seed?: number
  readonly checkpoint?: string
  readonly log?: string
}

async function runFit(data: string, flags: FitFlags): Promise<void> {
  const options = withSettings(
    flags.config === undefined ? {} : await readSettings(flags.config),
    toOptions(flags),
  )
  const checkpointPath = flags.checkpoint ?? `${flags.out}.checkpoint.safetensors`
  const stop = stopSignal('Stopped; the same command goes on from the checkpoint.')
  const progress = createProgress()
  try {
    const eventTypes = flags.eventTypes?.split(',').map((name) => name.trim())
    const dataset = await readDataset(data, { eventTypes })
    const result = await trainArtifact(dataset, flags.out, {
      ...options,
      runtime: {
        createEngine: async (config, workload) => {
          const engine = await createEngine(config, flags.engine, {
            workload,
            numThreads: flags.threads,
          })
          progress.say(engine.note ?? `Engine ${engine.name}`)
          return engine
        },
        checkpointPath,
        logPath: flags.log,
        signal: stop.signal,
        onStage: (stage) => progress.say(stage),
        onStep: (step) => progress.step(step),
        onEpoch: (epoch) => progress.epoch(epoch),
      },
    })
    progress.end()
    // The artifact holds all that the run came to; left behind, the checkpoint would stop the next run on new data.
    await rm(checkpointPath, { force: true })
    const table = new Table({
      chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
      style: { head: [], border: [] },
      head: ['Method', ...Object.values(REPORTED_METRICS)],
    })
    table.push(...resultRows(result.evaluations))
    console.log(table.toString())
    console.log(compareInWords(result.evaluations))
    console.log(intervalInWords(result.evaluations))
    console.log(
      `Wrote ${flags.out} (${result.manifest.modelVersion}); the report is ${flags.out}/report.html.`,
    )
  } finally {
    progress.end()
    stop.release()
  }
}

function toOptions(flags: FitFlags): TrainOptions {
  const { dim, blocks: numBlocks, heads: numHeads, maxLength, dropout } = flags
  const block = flags.block as EncoderOptions['block']
  const timeFeatures = flags.timeFeatures?.split(',') as EncoderOptions['timeFeatures']
  return {
    encoder: { block, timeFeatures, dim, numBlocks, numHeads, maxLength, dropout },
    horizonDays: flags.horizonDays,
    testCutMs: flags.testDate === undefined ? undefined : parseDate(flags.testDate),
    loss: flags.loss as TrainOptions['loss'],
    numNegatives: flags.negatives,
    batchSize: flags.batchSize,
    learningRate: flags.learningRate,
    learningRateDecay: flags.learningRateDecay as TrainOptions['learningRateDecay'],
    maxEpochs: flags.maxEpochs,
    maxSeconds: flags.maxSeconds,
    patience: flags.patience,
    refitEpochs: flags.refitEpochs,
    seed: flags.seed,
  }
}

/** Returns the settings with what flags say in their place. */
function withSettings(settings: FitOptions, flags: TrainOptions): TrainOptions {
  const given = <T extends object>(options: T | undefined): Partial<T> =>
    Object.fromEntries(
      Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
    ) as Partial<T>
  const encoder = { ...settings.encoder, ...given(flags.encoder) }
  return { ...settings, ...given(flags), encoder }
}

function parseDate(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  // Date.parse takes the 30th of February for a day in March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return time
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`--test-date\` to be a date like 2011-09-01, got \`${text}\`.`,
  )
}

/** Shows a bar with speed and time left on a terminal, and one line an epoch elsewhere. */
function createProgress(): {
  say(text: string): void
  step(report: StepReport): void
  epoch(record: EpochRecord): void
  end(): void
} {
  const format =
    'epoch {epoch} [{bar}] {value}/{total} steps | {speed} events/s | loss {loss} | {epochLeft} left in epoch, {left} in all'
  const bars = process.stderr.isTTY
    ? new MultiBar(
        { format, hideCursor: true, clearOnComplete: true, stream: process.stderr },
        Presets.shades_classic,
      )
    : undefined
  let bar: ReturnType<MultiBar['create']> | undefined
  const say = (text: string): void => {
    if (bars === undefined) console.error(text)
    else bars.log(`${text}\n`)
  }
  return {
    say,
    step: ({ epoch, stepInEpoch, stepsPerEpoch, loss, tokensPerSecond, ...left }) => {
      const payload = {
        epochLeft: formatSeconds(left.epochSecondsLeft),
        left: formatSeconds(left.secondsLeft),
        epoch,
        loss: loss.toFixed(3),
        speed: Math.round(tokensPerSecond).toLocaleString('en'),
      }
      if (bar === undefined) bar = bars?.create(stepsPerEpoch, stepInEpoch, payload)
      else if (stepInEpoch === 1) bar.start(stepsPerEpoch, stepInEpoch, payload)
      else bar.update(stepInEpoch, payload)
    },
    epoch: ({ epoch, loss, validationNdcg, seconds, tokensPerSecond }) => {
      const validation =
        validationNdcg === null ? '' : `, validation NDCG@10 ${validationNdcg.toFixed(4)}`
      say(
        `Epoch ${epoch}: loss ${loss.toFixed(4)}${validation}, ${Math.round(tokensPerSecond).toLocaleString('en')} events/s, ${seconds.toFixed(0)} s in all`,
      )
    },
    end: () => bars?.stop(),
  }
}
