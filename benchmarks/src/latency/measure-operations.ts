import {
  createExactIndex,
  createRng,
  type Filter,
  type History,
  ItemCatalog,
  type ItemIndex,
  RecommenderError,
  repeatScores,
  resolveFilter,
} from '@perennial/core'
import { createHnswIndex, createOnnxEncoder } from '@perennial/serve'
import { LOG_END_MS } from '../generate-log.ts'
import type { Subject } from '../subject.ts'
import { createZipf } from '../zipf.ts'
import { measureOperation, type OperationTime } from './measure-operation.ts'

const HISTORY_LENGTH = 50
const BATCH_SIZE = 16
const K = 10
const NUM_RECALL_QUERIES = 100
const WEEK_MS = 7 * 86_400_000

/** An operation that could not be measured here. */
export interface SkippedOperation {
  readonly name: string
  readonly skipped: string
}

/** Times of the parts of a recommendation. */
export interface OperationTimes {
  readonly operations: readonly (OperationTime | SkippedOperation)[]
  /** Share of the exact 10 best that the graph finds, over 100 queries. */
  readonly hnswRecallAt10?: number
}

/** Options of {@link measureOperations}. */
export interface MeasureOperationsOptions {
  readonly seed: number
  /** About how long each operation is sampled. */
  readonly operationSeconds: number
  readonly signal?: AbortSignal | undefined
  readonly onStage?: ((text: string) => void) | undefined
}

/** Measures the parts of a recommendation one by one, on histories of 50 items drawn by Zipf's law. */
export async function measureOperations(
  { artifact }: Pick<Subject, 'artifact'>,
  { seed, operationSeconds, signal, onStage }: MeasureOperationsOptions,
): Promise<OperationTimes> {
  const { manifest, items, vectors: table, encoder: bytes } = artifact
  const { vectors, dim } = table
  const { maxLength } = manifest.encoder
  const catalog = new ItemCatalog(items)
  const drawItem = createZipf(items.length, { rng: createRng(seed, 0x6f7073) })
  const drawHistory = (): History => ({
    itemRows: Int32Array.from({ length: HISTORY_LENGTH }, () => 1 + drawItem()),
    timestampMs: Float64Array.from(
      { length: HISTORY_LENGTH },
      (_, i) => LOG_END_MS - (HISTORY_LENGTH - i) * WEEK_MS,
    ),
    quantities: new Float32Array(HISTORY_LENGTH).fill(1),
    asOfMs: LOG_END_MS,
  })
  const operations: (OperationTime | SkippedOperation)[] = []
  const measure = async (name: string, run: () => unknown): Promise<void> => {
    signal?.throwIfAborted()
    onStage?.(`  ${name}`)
    operations.push(await measureOperation(name, run, { maxSeconds: operationSeconds }))
  }

  const encoder = await createOnnxEncoder(bytes, { vectors, dim, maxLength })
  try {
    const batch = Array.from({ length: BATCH_SIZE }, drawHistory)
    const [first] = batch as [History]
    await measure(`encode 1 history of ${HISTORY_LENGTH}`, () => encoder.encode([first]))
    await measure(`encode ${BATCH_SIZE} histories of ${HISTORY_LENGTH}`, () =>
      encoder.encode(batch),
    )

    const histories = Array.from({ length: NUM_RECALL_QUERIES }, drawHistory)
    const encoded = await encoder.encode(histories)
    const queries = histories.map((_, i) => encoded.subarray(i * dim, (i + 1) * dim))
    const exact = createExactIndex(vectors, dim)
    await measure(`exact search, k = ${K}`, searchInTurn(exact, queries))

    const hnswName = `HNSW search, k = ${K}`
    onStage?.(`  building the graph of ${items.length} items`)
    const hnsw = await createHnswIndex(vectors, { dim, signal }).catch((error: unknown) => {
      const isMissing = error instanceof RecommenderError && error.code === 'INDEX_UNAVAILABLE'
      if (!isMissing) throw error
      operations.push({ name: hnswName, skipped: error.message })
      return undefined
    })
    if (hnsw !== undefined) await measure(hnswName, searchInTurn(hnsw, queries))

    await measure('filter to bitmap', () => resolveFilter(FILTER, catalog))
    await measure(`blend, history of ${HISTORY_LENGTH}`, () => repeatScores(first, manifest.blend))
    if (hnsw === undefined) return { operations }
    return { operations, hnswRecallAt10: measureRecall(hnsw, { exact, queries }) }
  } finally {
    await encoder.release()
  }
}

/** Price, category and a `not`, as a shop would send it. */
const FILTER: Filter = {
  all: [{ field: 'price', max: 30 }, { not: { field: 'categoryPath', under: ['Department 3'] } }],
}

/** Another query each time, so that no answer comes from a warm cache alone. */
function searchInTurn(index: ItemIndex, queries: readonly Float32Array[]): () => unknown {
  let turn = 0
  return () => index.search(queries[turn++ % queries.length] as Float32Array, K)
}

function measureRecall(
  index: ItemIndex,
  { exact, queries }: { readonly exact: ItemIndex; readonly queries: readonly Float32Array[] },
): number {
  let numExpected = 0
  let numFound = 0
  for (const query of queries) {
    const found = new Set(index.search(query, K).itemRows)
    for (const row of exact.search(query, K).itemRows) {
      numExpected++
      if (found.has(row)) numFound++
    }
  }
  return numFound / numExpected
}
