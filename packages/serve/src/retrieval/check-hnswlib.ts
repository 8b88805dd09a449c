import { RecommenderError } from '@perennial/core'
import { requireHnswlib } from './hnsw-graph.ts'

/** Throws `INDEX_UNAVAILABLE`, with what to do, where hnswlib-node is not installed or not built. */
export function checkHnswlib(): void {
  try {
    requireHnswlib()
  } catch (cause) {
    throw new RecommenderError(
      'INDEX_UNAVAILABLE',
      "Expected hnswlib-node to load; it is not installed or not built for this Node. Choose the index 'exact', or build it: it needs g++, make and python3 (`npm rebuild hnswlib-node`).",
      { cause },
    )
  }
}
