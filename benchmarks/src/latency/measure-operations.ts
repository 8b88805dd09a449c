import {
  createRng,
  type Filter,
  RecommenderError,
  repeatScores,
  resolveFilter,
} from '@perennial/core'
import { chooseIndex, type VectorIndex } from '@perennial/serve'
import { createHistoryDraw, encodeQueries, loadEncoder } from '../encode-queries.ts'
import { INDEX_KINDS } from '../storage/measure-index.ts'
import type { Subject } from '../subject.ts'
import { measureOperation, type OperationTime } from './measure-operation.ts'

const HISTORY_LENGTH = 50
const BATCH_SIZE = 16
const K = 10
const NUM_QUERIES = 100

/** An operation that could not be measured here. */
export interface SkippedOperation {
  readonly name: string
  readonly skipped: string
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
): Promise<(OperationTime | SkippedOperation)[]> {
  const { manifest, catalog, vectors: table } = artifact
  const { vectors, dim } = table
  const operations: (OperationTime | SkippedOperation)[] = []
  const measure = async (name: string, run: () => unknown): Promise<void> => {
    signal?.throwIfAborted()
    onStage?.(`  ${name}`)
    operations.push(await measureOperation(name, run, { maxSeconds: operationSeconds }))
  }

  const drawHistory = createHistoryDraw(catalog.numItems, HISTORY_LENGTH, createRng(seed, 0x686973))
  const batch = Array.from({ length: BATCH_SIZE }, drawHistory)
  const first = batch[0] as (typeof batch)[number]
  const encoder = await loadEncoder(artifact)
  try {
    await measure(`encode 1 history of ${HISTORY_LENGTH}`, () => encoder.encode([first]))
    await measure(`encode ${BATCH_SIZE} histories of ${HISTORY_LENGTH}`, () =>
      encoder.encode(batch),
    )
  } finally {
    await encoder.release()
  }

  const queryOptions = { numQueries: NUM_QUERIES, historyLength: HISTORY_LENGTH, seed }
  const queries = await encodeQueries(artifact, queryOptions)
  for (const kind of INDEX_KINDS) {
    const name = `search ${kind}, k = ${K}`
    onStage?.(`  building the index ${kind} of ${catalog.numItems} items`)
    const index = await chooseIndex(vectors, { dim, index: kind, signal }).catch(
      (error: unknown) => {
        const isMissing = error instanceof RecommenderError && error.code === 'INDEX_UNAVAILABLE'
        if (!isMissing) throw error
        operations.push({ name, skipped: error.message })
        return undefined
      },
    )
    if (index === undefined) continue
    try {
      await measure(name, searchInTurn(index, queries))
    } finally {
      await index.close()
    }
  }

  await measure('filter to bitmap', () => resolveFilter(FILTER, catalog))
  await measure(`blend, history of ${HISTORY_LENGTH}`, () => repeatScores(first, manifest.blend))
  return operations
}

/** Price, category and a `not`, as a shop would send it. */
const FILTER: Filter = {
  all: [{ field: 'price', max: 30 }, { not: { field: 'categoryPath', under: ['Department 3'] } }],
}

/** Another query each time, so that no answer comes from a warm cache alone. */
function searchInTurn(
  index: Pick<VectorIndex, 'search'>,
  queries: readonly Float32Array[],
): () => unknown {
  let turn = 0
  return () => index.search(queries[turn++ % queries.length] as Float32Array, K)
}
