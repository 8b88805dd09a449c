import {
  checkChoice,
  checkInteger,
  createExactIndex,
  type ItemIndex,
  RecommenderError,
} from '@perennial/core'
import { createHnswIndex } from './hnsw-index.ts'

/** Kinds of index a caller may ask for. */
export const INDEX_CHOICES = ['auto', 'exact', 'hnsw'] as const

/** Options of {@link chooseIndex}. */
export interface ChooseIndexOptions {
  /** Length of a vector. */
  readonly dim: number
  /** `auto` takes `exact` up to `exactLimit` items and `hnsw` above. @defaultValue 'auto' */
  readonly index?: (typeof INDEX_CHOICES)[number] | undefined
  /** Largest catalogue, in items, that `auto` searches exactly; 0 or more. @defaultValue 50000 */
  readonly exactLimit?: number | undefined
  /** Stops the build of a graph. */
  readonly signal?: AbortSignal | undefined
}

/** An index, and what is to be said about the choice. */
export interface ChosenIndex {
  readonly index: ItemIndex
  /** Why the index is not the one that the catalogue's size asks for. */
  readonly note?: string
}

/**
 * Creates the index asked for, or the one that suits the size of the catalogue.
 *
 * Small catalogues are scanned: that is as fast as a graph, and a filter stays exact.
 *
 * @param vectors - Shape `[numItems + 1, dim]`, row-major; row 0 is padding. Not copied.
 * @throws {@link RecommenderError} `INVALID_OPTION`; `INDEX_UNAVAILABLE` if `hnsw` was asked for and
 * cannot be loaded (`auto` then takes `exact` and says so in `note`).
 */
export async function chooseIndex(
  vectors: Float32Array,
  { dim, index = 'auto', exactLimit = 50_000, signal }: ChooseIndexOptions,
): Promise<ChosenIndex> {
  checkChoice('index', index, INDEX_CHOICES)
  checkInteger('exactLimit', exactLimit, 0)
  const numItems = vectors.length / dim - 1
  if (index === 'exact' || (index === 'auto' && numItems <= exactLimit)) {
    return { index: createExactIndex(vectors, dim) }
  }
  try {
    return { index: await createHnswIndex(vectors, { dim, signal }) }
  } catch (error) {
    const isMissing = error instanceof RecommenderError && error.code === 'INDEX_UNAVAILABLE'
    if (index === 'hnsw' || !isMissing) throw error
    return {
      index: createExactIndex(vectors, dim),
      note: `${numItems} items are searched one by one. ${error.message}`,
    }
  }
}
