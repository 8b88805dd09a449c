import { type Artifact, createRng, type History, type ItemVectors, type Rng } from '@perennial/core'
import { createOnnxEncoder, type OnnxEncoder } from '@perennial/serve'
import { LOG_END_MS } from './generate-log.ts'
import { createZipf } from './zipf.ts'

const WEEK_MS = 7 * 86_400_000

/** Returns a function that draws histories of `length` purchases, one a week, of items by Zipf's law. */
export function createHistoryDraw(numItems: number, length: number, rng: Rng): () => History {
  const drawItem = createZipf(numItems, { rng })
  return () => ({
    itemRows: Int32Array.from({ length }, () => 1 + drawItem()),
    timestampMs: Float64Array.from({ length }, (_, i) => LOG_END_MS - (length - i) * WEEK_MS),
    quantities: new Float32Array(length).fill(1),
    asOfMs: LOG_END_MS,
  })
}

/** Loads the network of an artifact. The caller releases it. */
export function loadEncoder({
  manifest,
  encoder,
  vectors,
}: Pick<Artifact, 'manifest' | 'encoder' | 'vectors'>): Promise<OnnxEncoder> {
  const { dim, maxLength } = manifest.encoder
  return createOnnxEncoder(encoder, { dim, maxLength, readVector: createVectorReader(vectors) })
}

/** Options of {@link encodeQueries}. */
export interface EncodeQueriesOptions {
  readonly numQueries: number
  readonly historyLength: number
  readonly seed: number
}

/** Returns queries as the network of an artifact asks them, of histories drawn by Zipf's law. */
export async function encodeQueries(
  artifact: Pick<Artifact, 'manifest' | 'encoder' | 'vectors' | 'catalog'>,
  { numQueries, historyLength, seed }: EncodeQueriesOptions,
): Promise<Float32Array[]> {
  const { dim } = artifact.vectors
  const rng = createRng(seed, 0x6f7073)
  const drawHistory = createHistoryDraw(artifact.catalog.numItems, historyLength, rng)
  const encoder = await loadEncoder(artifact)
  try {
    const encoded = await encoder.encode(Array.from({ length: numQueries }, drawHistory))
    return Array.from({ length: numQueries }, (_, i) => encoded.slice(i * dim, (i + 1) * dim))
  } finally {
    await encoder.release()
  }
}

function createVectorReader({
  vectors,
  dim,
}: ItemVectors): (itemRow: number, target: Float32Array, offset: number) => void {
  return (itemRow, target, offset) =>
    target.set(vectors.subarray(itemRow * dim, (itemRow + 1) * dim), offset)
}
