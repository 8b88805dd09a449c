import { availableParallelism } from 'node:os'
import { checkChoice, checkInteger, checkNumber } from '@perennial/core'
import { createExactVectorIndex } from './exact-vector-index.ts'
import { createHnswIndex } from './hnsw-index.ts'
import { sampleRecall } from './sample-recall.ts'
import type { VectorIndex } from './vector-index.ts'

/** Kinds of index a caller may ask for; `exact` is `exact-float32` up to `float32Limit` items and `exact-int8` above. */
export const INDEX_CHOICES = ['auto', 'exact', 'exact-float32', 'exact-int8', 'hnsw'] as const

/** Options of {@link chooseIndex}. */
export interface ChooseIndexOptions {
  /** Length of a vector. */
  readonly dim: number
  /** See {@link INDEX_CHOICES}; `auto` is `exact`, since a graph must be built and is slow where a filter is narrow. @defaultValue 'auto' */
  readonly index?: (typeof INDEX_CHOICES)[number] | undefined
  /** Largest catalogue, in items, whose vectors are kept as they are unless told otherwise; 0 or more. @defaultValue 20,000 */
  readonly float32Limit?: number | undefined
  /** Threads that search, 1..16. @defaultValue one a core, 4 at most */
  readonly numThreads?: number | undefined
  /** Where the graph of `hnsw` is kept, so that a later start need not build it. @defaultValue nowhere */
  readonly graphFile?: string | undefined
  /** See {@link sampleRecall}; an index of floats misses nothing and is not sampled. @defaultValue 0.001 */
  readonly recallShare?: number | undefined
  /** Stops the build. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Creates the index asked for, or the one that suits the size of the catalogue.
 *
 * @param vectors - Shape `[numItems + 1, dim]`, row-major, finite; row 0 is padding. Not kept.
 * @throws {@link RecommenderError} `INVALID_OPTION`; `SHAPE_MISMATCH`; `OUT_OF_MEMORY`; `INDEX_UNAVAILABLE` if `hnsw`
 * was asked for and cannot be loaded.
 */
export async function chooseIndex(
  vectors: Float32Array,
  options: ChooseIndexOptions,
): Promise<VectorIndex> {
  const { dim, index = 'auto', float32Limit = 20_000, recallShare = 0.001, signal } = options
  const { numThreads = Math.min(4, availableParallelism()) } = options
  checkChoice('index', index, INDEX_CHOICES)
  checkInteger('float32Limit', float32Limit, 0)
  checkInteger('numThreads', numThreads, 1, 16)
  checkNumber('recallShare', recallShare, 0, 1)
  const keepsFloats =
    index === 'exact-float32' ||
    (index !== 'exact-int8' && vectors.length / dim - 1 <= float32Limit)
  if (index === 'hnsw') {
    const graph = await createHnswIndex(vectors, { dim, graphFile: options.graphFile, signal })
    return sampleRecall(graph, { share: recallShare })
  }
  const encoding = keepsFloats ? 'float32' : 'int8'
  const exact = await createExactVectorIndex(vectors, { dim, encoding, numThreads, signal })
  return keepsFloats ? exact : sampleRecall(exact, { share: recallShare })
}
