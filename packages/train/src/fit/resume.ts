import { createHash } from 'node:crypto'
import { type Dataset, RecommenderError, type Split } from '@perennial/core'
import { type Checkpoint, loadCheckpoint } from './checkpoint.ts'
import type { FitConfig } from './options.ts'

/**
 * Returns the checkpoint that a run goes on from, or `undefined` when there is none.
 *
 * @throws {@link RecommenderError} `BAD_CHECKPOINT` if it belongs to other data or options, or is broken.
 */
export async function resume(
  path: string | undefined,
  config: FitConfig,
  fingerprint: string,
): Promise<Checkpoint | undefined> {
  const found = path === undefined ? undefined : await loadCheckpoint(path)
  if (found === undefined) return undefined
  // How long to go on may change between runs, unless the learning rate follows it; what is being trained may not.
  const identity = ({ maxEpochs, maxSeconds: _, patience: __, ...rest }: FitConfig): string =>
    JSON.stringify(rest.learningRateDecay === 'none' ? rest : { ...rest, maxEpochs })
  if (found.dataFingerprint === fingerprint && identity(found.config) === identity(config))
    return found
  const what = found.dataFingerprint === fingerprint ? 'options' : 'data'
  throw new RecommenderError(
    'BAD_CHECKPOINT',
    `Expected ${path} to continue this run, but it was made with other ${what}. Delete it or name another checkpoint.`,
  )
}

/** Returns a short hash of what a run trains on and is validated by. */
export function fingerprintOf(
  { sequences, catalog }: Dataset,
  { trainEnds, validation }: Pick<Split, 'trainEnds' | 'validation'>,
): string {
  const hash = createHash('sha256').update(`${catalog.numItems}`)
  const asked = Int32Array.from(
    validation.flatMap(({ userRow, historyEnd }) => [userRow, historyEnd]),
  )
  const targets = validation.map((one) => one.targets)
  for (const part of [sequences.offsets, sequences.itemRows, trainEnds, asked, ...targets]) {
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  }
  return hash.digest('hex').slice(0, 16)
}
