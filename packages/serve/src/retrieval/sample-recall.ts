import { checkNumber, createRng, type SearchOptions, type SearchResult } from '@perennial/core'
import type { SampledRecall, VectorIndex } from './vector-index.ts'

/** Options of {@link sampleRecall}. */
export interface SampleRecallOptions {
  /** Share of the searches that are done again exactly, 0..1. @defaultValue 0.001 */
  readonly share?: number | undefined
  /** Fixes which searches are sampled. @defaultValue 1 */
  readonly seed?: number | undefined
}

/**
 * Returns the index with a running measure of what its searches find.
 *
 * A sampled search is answered as ever, then done again with {@link VectorIndex.searchExactly} and compared: recall is the
 * share of the exact answer that the first one has. One is compared at a time; what would be sampled meanwhile is
 * not, nor is one during which an item was set or removed.
 *
 * The reference knows vectors as the index keeps them: as they are under `hnsw`, in 12 bits a number under `exact-int8`.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`.
 */
export function sampleRecall(
  index: VectorIndex,
  { share = 0.001, seed = 1 }: SampleRecallOptions = {},
): VectorIndex {
  checkNumber('share', share, 0, 1)
  const rng = createRng(seed)
  let sum = 0
  let numSearches = 0
  let isComparing = false
  let numChanges = 0

  async function compare(
    found: SearchResult,
    { query, k, allowed }: SearchOptions & { readonly query: Float32Array; readonly k: number },
  ): Promise<void> {
    const before = numChanges
    const { itemRows } = await index.searchExactly(query, k, { allowed })
    if (numChanges !== before || itemRows.length === 0) return
    const rows = new Set(found.itemRows)
    sum += itemRows.reduce((hits, row) => hits + (rows.has(row) ? 1 : 0), 0) / itemRows.length
    numSearches++
  }

  return {
    kind: index.kind,
    dim: index.dim,
    get numItems() {
      return index.numItems
    },
    get memoryBytes() {
      return index.memoryBytes
    },
    get numTombstones() {
      return index.numTombstones
    },
    async search(query, k, { allowed } = {}) {
      const before = numChanges
      const found = await index.search(query, k, { allowed })
      if (!isComparing && rng.next() < share && numChanges === before) {
        isComparing = true
        // A caller may use its arrays again. An index that closes meanwhile has nothing to compare with.
        const copy = { query: query.slice(), k, allowed: allowed?.slice() }
        const done = (): void => {
          isComparing = false
        }
        compare(found, copy).then(done, done)
      }
      return found
    },
    searchExactly: (query, k, options) => index.searchExactly(query, k, options),
    readVector: (itemRow, target, offset) => index.readVector(itemRow, target, offset),
    score: (query, itemRow) => index.score(query, itemRow),
    set(itemRow, vector) {
      index.set(itemRow, vector)
      numChanges++
    },
    remove(itemRow) {
      index.remove(itemRow)
      numChanges++
    },
    statistics: () => index.statistics(),
    sampledRecall: (): SampledRecall | undefined =>
      numSearches === 0 ? undefined : { recall: sum / numSearches, numSearches },
    close: () => index.close(),
  }
}
