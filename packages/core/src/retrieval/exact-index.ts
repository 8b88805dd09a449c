import { checkInteger, RecommenderError } from '../errors.ts'
import { selectTopK } from '../top-k.ts'
import type { ItemIndex, SearchOptions, SearchResult } from './item-index.ts'

/**
 * Returns an index that compares a query with every item, so its answers are right by construction.
 *
 * Equal scores come in order of item row.
 *
 * @param vectors - Shape `[numItems + 1, dim]`, row-major, row 0 padding. Kept, not copied; the caller no
 * longer changes it.
 * @param dim - Length of a vector, 1 or more.
 * @throws {@link RecommenderError} `INVALID_OPTION` if `dim` is not an integer of 1 or more;
 * `SHAPE_MISMATCH` if `vectors` is no whole number of rows, has no row, or holds a value that is not finite.
 */
export function createExactIndex(vectors: Float32Array, dim: number): ItemIndex {
  checkInteger('dim', dim, 1)
  if (vectors.length === 0 || vectors.length % dim !== 0) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected item vectors of shape [numItems + 1, ${dim}], got ${vectors.length} values.`,
    )
  }
  const wrong = vectors.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected finite item vectors, got ${vectors[wrong]} in item row ${Math.floor(wrong / dim)}, column ${wrong % dim}.`,
    )
  }
  const scores = new Float32Array(vectors.length / dim)
  return {
    kind: 'exact',
    numItems: scores.length - 1,
    dim,
    memoryBytes: vectors.byteLength + scores.byteLength,
    search(query: Float32Array, k: number, { allowed }: SearchOptions = {}): SearchResult {
      checkSearch(query, k, { allowed, dim, numItems: scores.length - 1 })
      for (let row = 1; row < scores.length; row++) {
        const isAllowed = allowed === undefined || allowed[row] !== 0
        scores[row] = isAllowed ? dotRow(vectors, row * dim, query) : -Infinity
      }
      const itemRows = selectTopK(scores, Math.min(k, scores.length - 1), 1)
      return { itemRows, scores: Float32Array.from(itemRows, (row) => scores[row] as number) }
    },
  }
}

/**
 * Checks the arguments of {@link ItemIndex.search}; every index calls it.
 *
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the query has another length or is not finite, or
 * `allowed` has another length; `INVALID_OPTION` if `k` is not an integer of 0 or more.
 */
export function checkSearch(
  query: Float32Array,
  k: number,
  options: SearchOptions & { readonly dim: number; readonly numItems: number },
): void {
  const { allowed, dim, numItems } = options
  checkInteger('k', k, 0)
  if (query.length !== dim || !query.every(Number.isFinite)) {
    const wrong = query.findIndex((value) => !Number.isFinite(value))
    const got = wrong >= 0 ? `${query[wrong]} in column ${wrong}` : `${query.length} numbers`
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected a query of ${dim} finite numbers, got ${got}.`,
    )
  }
  if (allowed !== undefined && allowed.length !== numItems + 1) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected \`allowed\` to have one entry an item row (${numItems + 1}), got ${allowed.length}.`,
    )
  }
}

/** Four sums side by side, since one sum makes each addition wait for the last. */
function dotRow(vectors: Float32Array, offset: number, query: Float32Array): number {
  const dim = query.length
  const even = dim - (dim % 4)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  for (let i = 0; i < even; i += 4) {
    const at = offset + i
    a += (vectors[at] as number) * (query[i] as number)
    b += (vectors[at + 1] as number) * (query[i + 1] as number)
    c += (vectors[at + 2] as number) * (query[i + 2] as number)
    d += (vectors[at + 3] as number) * (query[i + 3] as number)
  }
  for (let i = even; i < dim; i++) {
    a += (vectors[offset + i] as number) * (query[i] as number)
  }
  return a + b + c + d
}
