import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasDataset, onlineRetailFiles, writeLifecycleCsv } from '@perennial/datasets'

/** Raw files for `perennial-train ingest`, and how to read them. */
export interface QuickstartInput {
  /** What the data is, for the user. */
  readonly title: string
  readonly files: readonly string[]
  /** Arguments of `perennial-train ingest` beside the files and the output. */
  readonly ingestFlags: readonly string[]
  /** Arguments of `perennial-train fit` that suit the size of the data. */
  readonly fitFlags: readonly string[]
}

/** What every quickstart passes to `fit`; the refit takes about a tenth of the training time again. */
const FIT_FLAGS = [
  ...['--dim', '64', '--blocks', '2', '--max-length', '50', '--seed', '1'],
  ...['--patience', '3', '--max-seconds', '120', '--refit-epochs', '1'],
]

/**
 * Finds Online Retail II, or writes the synthetic log where it is missing.
 *
 * @param folder - Working folder; the synthetic log and the ingest settings go there.
 */
export async function prepareInput(folder: string): Promise<QuickstartInput> {
  if (await hasDataset('online-retail-ii')) {
    const { inputs, settings } = await onlineRetailFiles()
    const config = join(folder, 'online-retail.ingest.json')
    await writeFile(config, `${JSON.stringify(settings, null, 2)}\n`)
    return {
      title:
        'Online Retail II: two years of a gift shop in the United Kingdom (UCI, real purchases)',
      files: inputs,
      ingestFlags: ['--config', config],
      fitFlags: FIT_FLAGS,
    }
  }
  const raw = join(folder, 'raw')
  await writeLifecycleCsv(raw, { seed: 1 })
  return {
    title: 'The synthetic lifecycle log: 2,000 made-up customers with needs that recur',
    files: [join(raw, 'events.csv')],
    ingestFlags: [
      '--items-file',
      join(raw, 'items.csv'),
      '--time-zone',
      'UTC',
      '--cancel-prefix',
      'C',
    ],
    fitFlags: FIT_FLAGS,
  }
}
