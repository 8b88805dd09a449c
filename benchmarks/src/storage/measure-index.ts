import { createExactIndex, RecommenderError, readArtifact } from '@perennial/core'
import { chooseIndex } from '@perennial/serve'
import { encodeQueries } from '../encode-queries.ts'
import { createLatencyHistogram } from '../latency/latency-histogram.ts'
import { measureMemory } from './measure-memory.ts'
import { runAlone } from './run-alone.ts'

/** Kinds of index, by what they keep of a vector. */
export const INDEX_KINDS = ['exact-float32', 'exact-int8', 'hnsw'] as const

/** One of {@link INDEX_KINDS}. */
export type IndexKind = (typeof INDEX_KINDS)[number]

/** Size, quality and speed of an index. */
export interface IndexStorage {
  readonly kind: IndexKind
  /** Vectors and structure, as the index counts them. */
  readonly indexBytesPerItem: number
  /**
   * What the process grew by, from before the artifact was read until only the index was left. Right in a fresh
   * process only, and from about 100,000 items on: about 10 MB are the process's own.
   */
  readonly residentBytesPerItem: number
  readonly buildMs: number
  /** Mean share of the 10 best by float32 inner product that the index finds, over 100 queries of the network. */
  readonly recallAt10: number
  /** The same of the 100 best. */
  readonly recallAt100: number
  /** Time of one search for 100 items, one after another, over the same queries five times. */
  readonly searchP50Ms: number
  readonly searchP99Ms: number
}

/** Why there is no {@link IndexStorage}. */
export interface SkippedIndex {
  readonly kind: IndexKind
  readonly skipped: string
}

/** Options of {@link measureIndex}. */
export interface MeasureIndexOptions {
  readonly kind: IndexKind
  readonly seed: number
  readonly signal?: AbortSignal | undefined
}

const NUM_QUERIES = 100
const NUM_ROUNDS = 5
const HISTORY_LENGTH = 50
const WARM_UP_ITEMS = 500
const K = 100

/** Builds an index of an artifact's vectors in this process and measures it. */
export async function measureIndex(
  artifactFolder: string,
  { kind, seed, signal }: MeasureIndexOptions,
): Promise<IndexStorage | SkippedIndex> {
  try {
    await warmUp(artifactFolder, { kind, signal })
    let buildMs = 0
    const { value: index, residentBytes } = await measureMemory(async () => {
      // Nothing of the artifact is kept, since a server need not keep float32 vectors beside an index of its own.
      const { vectors, dim } = (await readArtifact(artifactFolder)).vectors
      const startMs = performance.now()
      const built = await chooseIndex(vectors, { dim, index: kind, signal })
      buildMs = performance.now() - startMs
      return built
    })
    try {
      const artifact = await readArtifact(artifactFolder)
      const queries = await encodeQueries(artifact, {
        numQueries: NUM_QUERIES,
        historyLength: HISTORY_LENGTH,
        seed,
      })
      const exact = createExactIndex(artifact.vectors.vectors, artifact.vectors.dim)
      let [sumAt10, sumAt100] = [0, 0]
      for (const query of queries) {
        signal?.throwIfAborted()
        const expected = exact.search(query, K).itemRows
        const { itemRows } = await index.search(query, K)
        sumAt10 += shareFound(expected.subarray(0, 10), itemRows.subarray(0, 10))
        sumAt100 += shareFound(expected, itemRows)
      }
      const times = createLatencyHistogram()
      for (let i = 0; i < NUM_ROUNDS * NUM_QUERIES; i++) {
        const startMs = performance.now()
        await index.search(queries[i % NUM_QUERIES] as Float32Array, K)
        times.record(Math.max(0.001, performance.now() - startMs))
      }
      const { p50Ms, p99Ms } = times.percentiles()
      const { numItems } = artifact.catalog
      return {
        kind,
        indexBytesPerItem: index.memoryBytes / numItems,
        residentBytesPerItem: residentBytes / numItems,
        buildMs,
        recallAt10: sumAt10 / NUM_QUERIES,
        recallAt100: sumAt100 / NUM_QUERIES,
        searchP50Ms: p50Ms,
        searchP99Ms: p99Ms,
      }
    } finally {
      await index.close()
    }
  } catch (error) {
    const isMissing = error instanceof RecommenderError && error.code === 'INDEX_UNAVAILABLE'
    if (!isMissing) throw error
    return { kind, skipped: error.message }
  }
}

/** Returns what {@link measureIndex} finds in a fresh process. */
export function measureIndexAlone(
  artifactFolder: string,
  { kind, seed, signal }: MeasureIndexOptions,
): Promise<IndexStorage | SkippedIndex> {
  return runAlone(new URL('./index-process.js', import.meta.url), {
    args: [artifactFolder, kind, String(seed)],
    signal,
  })
}

/** Makes V8 compile, and threads start, before memory is read for the first time. */
async function warmUp(
  artifactFolder: string,
  { kind, signal }: Pick<MeasureIndexOptions, 'kind' | 'signal'>,
): Promise<void> {
  const { vectors, dim } = (await readArtifact(artifactFolder)).vectors
  const few = vectors.slice(0, (WARM_UP_ITEMS + 1) * dim)
  const index = await chooseIndex(few, { dim, index: kind, signal })
  await index.search(few.slice(dim, 2 * dim), 10)
  await index.close()
}

function shareFound(expected: Int32Array, found: Int32Array): number {
  const rows = new Set(found)
  return expected.reduce((sum, row) => sum + (rows.has(row) ? 1 : 0), 0) / expected.length
}
