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

/** Seconds of training; the refit after it takes about a fifth of that again. */
const TRAINING_SECONDS = 120

/**
 * Finds Online Retail II, or writes the synthetic log where it is missing or the engine is the slow one.
 *
 * @param folder - Working folder; the synthetic log and the ingest settings go there.
 * @param backend - What tensors are computed with.
 */
export async function prepareInput(folder: string, backend: 'tensorflow' | 'wasm'): Promise<QuickstartInput> {
  const network = ['--dim', '64', '--blocks', '2', '--max-length', '50', '--batch-size', '64', '--patience', '3']
  const common = [...network, '--max-seconds', String(TRAINING_SECONDS), '--refit-epochs', '1', '--seed', '1']
  if (backend === 'tensorflow' && (await hasDataset('online-retail-ii'))) {
    const { inputs, settings } = await onlineRetailFiles()
    const config = join(folder, 'online-retail.ingest.json')
    await writeFile(config, `${JSON.stringify(settings, null, 2)}\n`)
    return {
      title: 'Online Retail II: two years of a gift shop in the United Kingdom (UCI, real purchases)',
      files: inputs,
      ingestFlags: ['--config', config],
      fitFlags: common,
    }
  }
  const raw = join(folder, 'raw')
  await writeLifecycleCsv(raw, { seed: 1 })
  return {
    title: 'The synthetic lifecycle log: 2,000 made-up customers with needs that recur',
    files: [join(raw, 'events.csv')],
    ingestFlags: ['--items-file', join(raw, 'items.csv'), '--time-zone', 'UTC', '--cancel-prefix', 'C'],
    fitFlags: common,
  }
}
