import type { SearchResult } from '@perennial/core'
import type { HierarchicalNSW } from 'hnswlib-node'
import { innerProduct } from './inner-product.ts'

/** What {@link searchGraph} searches in. */
export interface SearchedGraph {
  readonly graph: HierarchicalNSW
  /** Highest item row. */
  readonly numItems: number
  readonly numRemoved: number
  /** Candidates kept in a search at least. */
  readonly searchWidth: number
  isRemoved(itemRow: number): boolean
  /** Returns the vector of a row. Overwritten by the next call. */
  read(itemRow: number): Float32Array
}

/** What is searched for. */
export interface GraphSearch {
  readonly query: Float32Array
  /** 1 or more. */
  readonly k: number
  readonly allowed: Uint8Array | undefined
}

interface Found {
  readonly itemRow: number
  readonly score: number
}

/** Reading and scoring an item takes about as long as fetching two more from the graph. */
const SCAN_COST = 2

/**
 * Returns up to `k` items with the highest inner product, best first.
 *
 * The native code never sees a callback: one that throws would abort the process. A filter is met by fetching more and
 * leaving out what it forbids, or, where fewer items are allowed than that would fetch, by scoring each of them.
 */
export function searchGraph(searched: SearchedGraph, search: GraphSearch): SearchResult {
  const { graph, numItems, numRemoved, searchWidth, isRemoved } = searched
  const { query, k, allowed } = search
  const rows = allowed === undefined ? undefined : listAllowed(allowed, isRemoved)
  const numAllowed = rows?.length ?? numItems - numRemoved
  const wanted = Math.min(k, numAllowed)
  const mostFetched = Math.min(SCAN_COST * numAllowed, graph.getCurrentCount())
  const point = Array.from(query)
  for (
    let fetch = rows === undefined ? wanted : Math.ceil((1.2 * wanted * numItems) / numAllowed);
    fetch <= mostFetched;
    fetch *= 2
  ) {
    graph.setEf(Math.max(searchWidth, 2 * fetch))
    const { neighbors, distances } = graph.searchKnn(point, fetch)
    const found = neighbors.flatMap((itemRow, i): Found[] =>
      allowed === undefined || allowed[itemRow] !== 0
        ? [{ itemRow, score: 1 - (distances[i] as number) }]
        : [],
    )
    if (found.length >= wanted) return toResult(found, wanted)
  }
  return scanRows(
    searched,
    search,
    rows ?? listAllowed(new Uint8Array(numItems + 1).fill(1), isRemoved),
  )
}

function scanRows(
  { read }: SearchedGraph,
  { query, k }: GraphSearch,
  rows: readonly number[],
): SearchResult {
  const found = rows.map((itemRow): Found => {
    return { itemRow, score: innerProduct(query, read(itemRow)) }
  })
  return toResult(found, k)
}

function listAllowed(allowed: Uint8Array, isRemoved: (itemRow: number) => boolean): number[] {
  const rows: number[] = []
  for (let row = 1; row < allowed.length; row++)
    if (allowed[row] !== 0 && !isRemoved(row)) rows.push(row)
  return rows
}

function toResult(found: Found[], k: number): SearchResult {
  const best = found.sort((a, b) => b.score - a.score || a.itemRow - b.itemRow).slice(0, k)
  return {
    itemRows: Int32Array.from(best, ({ itemRow }) => itemRow),
    scores: Float32Array.from(best, ({ score }) => score),
  }
}
