import { readFile, writeFile } from 'node:fs/promises'
import { RecommenderError, replaceFile } from '@perennial/core'
import { createModelState, type ModelState, type Weights } from './model-state.ts'
import type { FitConfig } from './options.ts'
import type { FitProgress } from './progress.ts'

/** Everything a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly config: FitConfig
  /** Identifies the training data, so that a run is not continued on other data. */
  readonly dataFingerprint: string
  readonly progress: FitProgress
  readonly state: ModelState
  /** Weights of the best validation so far. */
  readonly best: Weights | null
}

const FORMAT = 'perennial-checkpoint-1'

/**
 * Writes a checkpoint as one safetensors file (arrays by name, readable from other languages) and replaces `path`.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { config, dataFingerprint, progress, state, best } = checkpoint
  const arrays = namedArrays(state, best)
  const header: Record<string, unknown> = {
    __metadata__: { format: FORMAT, run: JSON.stringify({ config, dataFingerprint, progress }) },
  }
  let end = 0
  for (const [name, values] of arrays) {
    header[name] = {
      dtype: 'F32',
      shape: [values.length],
      data_offsets: [end, end + values.byteLength],
    }
    end += values.byteLength
  }
  const text = JSON.stringify(header)
  // The header is padded to 8 bytes so that the arrays can be mapped in place.
  const json = Buffer.from(text + ' '.repeat(-Buffer.byteLength(text) & 7))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(json.length))
  const parts = Array.from(
    arrays.values(),
    (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  )
  await replaceFile(path, (temporary) => writeFile(temporary, [size, json, ...parts]))
}

/**
 * Reads a checkpoint.
 *
 * @returns `undefined` when there is no such file.
 * @throws {@link RecommenderError} `BAD_CHECKPOINT` if the file is not a whole checkpoint.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const data = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (data === undefined) return undefined
  try {
    return parseCheckpoint(data)
  } catch (cause) {
    throw new RecommenderError(
      'BAD_CHECKPOINT',
      `Expected ${path} to be a whole checkpoint of this version; delete it to start the run anew.`,
      { cause },
    )
  }
}

function parseCheckpoint(data: Buffer): Checkpoint {
  const headerEnd = 8 + Number(data.readBigUInt64LE(0))
  const { __metadata__: metadata, ...entries } = JSON.parse(
    data.toString('utf8', 8, headerEnd),
  ) as {
    __metadata__: { format: string; run: string }
  } & Record<string, { data_offsets: [number, number] }>
  if (metadata.format !== FORMAT)
    throw new Error(`Expected format ${FORMAT}, got ${metadata.format}.`)
  const run = JSON.parse(metadata.run) as Pick<
    Checkpoint,
    'config' | 'dataFingerprint' | 'progress'
  >
  const rangeOf = (name: string): [number, number] =>
    (entries[name] as { data_offsets: [number, number] }).data_offsets
  const [tableStart, tableEnd] = rangeOf('item.weights')
  const numItems = (tableEnd - tableStart) / 4 / run.config.encoder.dim - 1
  const state = createModelState(run.config, numItems)
  const best = 'best.item.weights' in entries ? createModelState(run.config, numItems) : null
  for (const [name, values] of namedArrays(state, best)) {
    const [start, end] = rangeOf(name)
    if (end - start !== values.byteLength || headerEnd + end > data.length)
      throw new Error(`Expected ${values.byteLength} bytes of '${name}'.`)
    new Uint8Array(values.buffer).set(data.subarray(headerEnd + start, headerEnd + end))
  }
  return { ...run, state, best }
}

function namedArrays(state: ModelState, best: Weights | null): Map<string, Float32Array> {
  const arrays = new Map<string, Float32Array>()
  for (const [name, { values }] of state.parameters) arrays.set(`${name}.weights`, values)
  for (const [name, { mean, square }] of state.moments)
    arrays.set(`${name}.mean`, mean).set(`${name}.square`, square)
  arrays.set('item.weights', state.itemTable)
  arrays.set('item.mean', state.itemMoments.mean).set('item.square', state.itemMoments.square)
  if (best !== null) {
    for (const [name, { values }] of best.parameters) arrays.set(`best.${name}.weights`, values)
    arrays.set('best.item.weights', best.itemTable)
  }
  return arrays
}
