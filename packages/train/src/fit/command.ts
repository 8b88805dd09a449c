import { rm } from 'node:fs/promises'
import { readDataset } from '@perennial/core'
import { MultiBar, Presets } from 'cli-progress'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { readOverrides } from '../customers/read-overrides.ts'
import { createEngine, ENGINES } from '../engine/create-engine.ts'
import {
  compareInWords,
  intervalInWords,
  REPORTED_METRICS,
  resultRows,
} from '../report/training-report.ts'
import { stopSignal } from '../stop-signal.ts'
import { trainArtifact } from '../train-artifact.ts'
import { addFitFlags, type FitFlags, splitNames, toTrainOptions } from './flags.ts'
import { formatSeconds } from './format-seconds.ts'
import type { EpochRecord } from './progress.ts'
import type { StepReport } from './run-training.ts'
import { readSettings } from './settings-file.ts'

/** Adds `fit` to `perennial-train`. */
export function addFitCommand(program: Command): void {
  const command = program
    .command('fit')
    .description(
      'train on a folder that `ingest` made, test against the baselines, and write an artifact',
    )
    .argument('<data>', 'folder with events.arrow and items.arrow')
    .requiredOption('--out <folder>', 'artifact folder; replaced as a whole at the end')
    .option('--engine <name>', `one of ${ENGINES.join(', ')}`, 'auto')
    .option('--threads <n>', 'threads of the wasm engine (default: the cores)', Number)
    .option(
      '--event-types <names>',
      'comma-separated types to learn from and predict (default: all)',
    )
    .option('--durability <file>', 'overrides of what lasts and is suppressed, a JSON list')
    .option('--config <file>', 'options as JSON, or what `tune` wrote; flags go before it')
  addFitFlags(command)
    .option('--checkpoint <file>', 'where a killed run goes on from (default: beside the artifact)')
    .option('--log <file>', 'one JSON line an epoch')
    .action((data: string, flags: CommandFlags) => runFit(data, flags))
}

interface CommandFlags extends FitFlags {
  readonly out: string
  readonly engine: string
  readonly threads?: number
  readonly eventTypes?: string
  readonly durability?: string
  readonly config?: string
  readonly checkpoint?: string
  readonly log?: string
}

async function runFit(data: string, flags: CommandFlags): Promise<void> {
  const settings = flags.config === undefined ? {} : await readSettings(flags.config)
  const options = toTrainOptions(flags, settings)
  const checkpointPath = flags.checkpoint ?? `${flags.out}.checkpoint.safetensors`
  const stop = stopSignal('Stopped; the same command goes on from the checkpoint.')
  const progress = createProgress()
  try {
    const eventTypes = flags.eventTypes === undefined ? undefined : splitNames(flags.eventTypes)
    const dataset = await readDataset(data, { eventTypes })
    const durabilityOverrides =
      flags.durability === undefined ? undefined : await readOverrides(flags.durability, dataset)
    const result = await trainArtifact(dataset, flags.out, {
      ...options,
      durabilityOverrides,
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
    console.log(compareInWords(result.evaluations, result.numModels))
    console.log(intervalInWords(result.evaluations, result.numModels))
    for (const { sentence } of result.lifecycle.ladder.rungs) console.log(`  ${sentence}`)
    for (const note of result.lifecycle.customers.notes) console.log(`  ${note}`)
    console.log(
      `Wrote ${flags.out} (${result.manifest.modelVersion}); the report is ${flags.out}/report.html.`,
    )
  } finally {
    progress.end()
    stop.release()
  }
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
