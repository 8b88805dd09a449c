import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EncoderConfig } from '@perennial/core'
import type { PackedBatch } from './draw-batches.ts'
import type { TrainingLoss } from './settings.ts'

/** What an engine's process is to train: the same folder for all engines of a setting. */
export interface EngineTask {
  readonly encoder: EncoderConfig
  readonly numItems: number
  readonly loss: TrainingLoss
  readonly learningRate: number
  readonly seed: number
  readonly numThreads: number
}

interface BatchSizes {
  readonly numSequences: number
  readonly numTokens: number
  readonly numNegatives: number
}

const FILES = { task: 'task.json', batches: 'batches.i32' } as const

/**
 * Writes `task.json` and `batches.i32` into a folder. The second holds little-endian int32: of each batch its offsets,
 * tokens, targets and negatives, whose counts the first lists.
 */
export async function writeTask(
  folder: string,
  { task, batches }: { readonly task: EngineTask; readonly batches: readonly PackedBatch[] },
): Promise<void> {
  const sizes = batches.map(
    ({ offsets, tokens, negatives }): BatchSizes => ({
      numSequences: offsets.length - 1,
      numTokens: tokens.length,
      numNegatives: negatives.length,
    }),
  )
  const parts = batches.flatMap(({ offsets, tokens, targets, negatives }) =>
    [offsets, tokens, targets, negatives].map(toBytes),
  )
  await writeFile(join(folder, FILES.batches), Buffer.concat(parts))
  await writeFile(join(folder, FILES.task), JSON.stringify({ ...task, batches: sizes }))
}

/** Reads what {@link writeTask} wrote. */
export async function readTask(
  folder: string,
): Promise<{ readonly task: EngineTask; readonly batches: readonly PackedBatch[] }> {
  const text = await readFile(join(folder, FILES.task), 'utf8')
  const { batches: sizes, ...task } = JSON.parse(text) as EngineTask & { batches: BatchSizes[] }
  const bytes = await readFile(join(folder, FILES.batches))
  // A pooled buffer need not begin at a multiple of four.
  const numbers = new Int32Array(new Uint8Array(bytes).buffer)
  let at = 0
  const take = (count: number): Int32Array => {
    const part = numbers.subarray(at, at + count)
    at += count
    return part
  }
  const batches = sizes.map(({ numSequences, numTokens, numNegatives }) => ({
    offsets: take(numSequences + 1),
    tokens: take(numTokens),
    targets: take(numTokens),
    negatives: take(numNegatives),
  }))
  return { task, batches }
}

function toBytes(values: Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
