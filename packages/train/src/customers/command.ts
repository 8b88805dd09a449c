import { dayOf, RecommenderError, readArtifact, readDataset } from '@perennial/core'
import { Presets, SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { parseDate } from '../fit/flags.ts'
import { stopSignal } from '../stop-signal.ts'
import {
  type CustomersProgress,
  isoDay,
  type StageSummary,
  writeCustomers,
} from './write-customers.ts'

interface CommandFlags {
  readonly artifact: string
  readonly out: string
  readonly asOf?: string
}

/** Adds `customers` to `perennial-train`. */
export function addCustomersCommand(program: Command): void {
  program
    .command('customers')
    .description('write where each customer stands and how likely he buys, as CSV')
    .argument('<data>', 'folder with events.arrow and items.arrow')
    .requiredOption('--artifact <folder>', 'artifact folder that `fit` wrote')
    .requiredOption('--out <file>', 'CSV file; replaced as a whole at the end')
    .option(
      '--as-of <date>',
      'the day of the question, as YYYY-MM-DD (UTC); only days before it count',
    )
    .action((data: string, flags: CommandFlags) => runCustomers(data, flags))
}

async function runCustomers(data: string, { artifact, out, asOf }: CommandFlags): Promise<void> {
  const asOfDay = asOf === undefined ? undefined : dayOf(parseDate('--as-of', asOf))
  const { manifest, lifecycle } = await readArtifact(artifact)
  const models = lifecycle?.customers
  if (models === undefined)
    throw new RecommenderError(
      'BAD_ARTIFACT',
      `Expected ${artifact} to hold customers.json; train again with this version.`,
    )
  const dataset = await readDataset(data, { eventTypes: manifest.data.eventTypes })
  const stop = stopSignal('Stopped; nothing was written.')
  const progress = createProgress()
  try {
    const { signal } = stop
    const onProgress = progress.show
    const written = await writeCustomers(dataset, out, { models, asOfDay, onProgress, signal })
    progress.end()
    console.log(formatStages(written.stages, dataset.currency))
    for (const note of models.notes) console.log(`  ${note}`)
    console.log(
      `Wrote ${out}: ${written.numCustomers} customers as of ${isoDay(written.asOfDay)} (${manifest.modelVersion}).`,
    )
  } finally {
    progress.end()
    stop.release()
  }
}

function formatStages(stages: readonly StageSummary[], currency: string | null): string {
  const table = new Table({
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    style: { head: [], border: [] },
    head: [
      'Stage',
      'Customers',
      'Visits in 28 days',
      `Value in 28 days${currency === null ? '' : ` (${currency})`}`,
      'Mean P(buys in 28 days)',
    ],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
  })
  const known = (value: number, decimals: number): string =>
    Number.isNaN(value)
      ? '-'
      : value.toLocaleString('en', {
          minimumFractionDigits: decimals,
          maximumFractionDigits: decimals,
        })
  table.push(
    ...stages.map(({ stage, numCustomers, expectedVisits, expectedValue, meanProbability }) => [
      stage,
      numCustomers.toLocaleString('en'),
      known(expectedVisits, 1),
      known(expectedValue, 0),
      known(meanProbability, 3),
    ]),
  )
  return table.toString()
}

/** Shows a bar on a terminal, and nothing elsewhere: a hundred thousand customers take seconds. */
function createProgress(): { show(progress: CustomersProgress): void; end(): void } {
  if (!process.stderr.isTTY) return { show: () => undefined, end: () => undefined }
  const bar = new SingleBar(
    { format: '[{bar}] {value}/{total} customers', hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  )
  let isStarted = false
  return {
    show: ({ numDone, numUsers }) => {
      if (!isStarted) bar.start(numUsers, 0)
      isStarted = true
      bar.update(numDone)
    },
    end: () => {
      if (isStarted) bar.stop()
      isStarted = false
    },
  }
}
