import { type FileHandle, open } from 'node:fs/promises'
import { RecommenderError, replaceFile } from '@perennial/core'
import {
  createEmptyState,
  createEmptyWeights,
  type ModelState,
  numTables,
  type Weights,
} from './model-state.ts'
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

/** A file of more than 2 GiB cannot be read at once, and what is on its way to the disk takes memory. */
const PIECE_BYTES = 16 << 20

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
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, 'w')
    try {
      for (const part of [size, json, ...arrays.values()]) {
        for (const piece of cutPieces(part)) await writeWhole(file, piece)
      }
    } finally {
      await file.close()
    }
  })
}

/**
 * Reads a checkpoint.
 *
 * @returns `undefined` when there is no such file.
 * @throws {@link RecommenderError} `BAD_CHECKPOINT` if the file is not a whole checkpoint.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    return await readCheckpoint(file)
  } catch (cause) {
    throw new RecommenderError(
      'BAD_CHECKPOINT',
      `Expected ${path} to be a whole checkpoint of this version; delete it to start the run anew.`,
      { cause },
    )
  } finally {
    await file.close()
  }
}

async function readCheckpoint(file: FileHandle): Promise<Checkpoint> {
  const { size: fileBytes } = await file.stat()
  const size = Buffer.alloc(8)
  await readWhole(file, size, 0)
  const headerEnd = 8 + Number(size.readBigUInt64LE())
  if (headerEnd > fileBytes) throw new Error(`Expected a header of ${headerEnd} bytes.`)
  const json = Buffer.alloc(headerEnd - 8)
  await readWhole(file, json, 8)
  const { __metadata__: metadata, ...entries } = JSON.parse(json.toString('utf8')) as {
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
  const { encoder } = run.config
  const numItems = (tableEnd - tableStart) / 4 / encoder.dim / numTables(encoder) - 1
  const state = createEmptyState(encoder, numItems)
  const best = 'best.item.weights' in entries ? createEmptyWeights(encoder, numItems) : null
  for (const [name, values] of namedArrays(state, best)) {
    const [start, end] = rangeOf(name)
    if (end - start !== values.byteLength || headerEnd + end > fileBytes)
      throw new Error(`Expected ${values.byteLength} bytes of '${name}'.`)
    let at = headerEnd + start
    for (const piece of cutPieces(values)) {
      await readWhole(file, piece, at)
      at += piece.length
    }
  }
  return { ...run, state, best }
}

/** Yields views of an array's bytes, one after another. */
function* cutPieces({ buffer, byteOffset, byteLength }: ArrayBufferView): Generator<Uint8Array> {
  for (let start = 0; start < byteLength; start += PIECE_BYTES) {
    yield new Uint8Array(buffer, byteOffset + start, Math.min(PIECE_BYTES, byteLength - start))
  }
}

async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<void> {
  let done = 0
  while (done < piece.length) done += (await file.write(piece, done)).bytesWritten
}

async function readWhole(file: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < piece.length) {
    const { bytesRead } = await file.read(piece, done, piece.length - done, position + done)
    if (bytesRead === 0) throw new Error(`Expected ${piece.length} bytes at ${position}.`)
    done += bytesRead
  }
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
