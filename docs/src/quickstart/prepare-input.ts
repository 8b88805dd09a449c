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
  /** Arguments of `perennial-train fit` that suit the size of the data and the speed of the engine. */
  readonly fitFlags: readonly string[]
}

/** What every quickstart passes to `fit`; the refit takes about a tenth of the training time again. */
const COMMON = ['--patience', '3', '--max-seconds', '120', '--refit-epochs', '1', '--seed', '1']
const FULL_NETWORK = ['--dim', '64', '--blocks', '2', '--max-length', '50']
/** The portable backend is some twenty times slower, so the network is small enough to see several epochs. */
const SMALL_NETWORK = ['--dim', '32', '--blocks', '1', '--max-length', '20']

/**
 * Finds Online Retail II, or writes the synthetic log where it is missing or the engine is the slow one.
 *
 * @param folder - Working folder; the synthetic log and the ingest settings go there.
 * @param backend - What tensors are computed with.
 */
export async function prepareInput(
  folder: string,
  backend: 'tensorflow' | 'wasm',
): Promise<QuickstartInput> {
  const isFast = backend === 'tensorflow'
  const fitFlags = [...(isFast ? FULL_NETWORK : SMALL_NETWORK), ...COMMON]
  if (isFast && (await hasDataset('online-retail-ii'))) {
    const { inputs, settings } = await onlineRetailFiles()
    const config = join(folder, 'online-retail.ingest.json')
    await writeFile(config, `${JSON.stringify(settings, null, 2)}\n`)
    return {
      title:
        'Online Retail II: two years of a gift shop in the United Kingdom (UCI, real purchases)',
      files: inputs,
      ingestFlags: ['--config', config],
      fitFlags,
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
    fitFlags,
  }
}
