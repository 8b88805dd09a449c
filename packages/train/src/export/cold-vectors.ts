import type { Dataset } from '@perennial/core'

/** Item vectors that all mean something, and which of them were learned. */
export interface CompletedVectors {
  /** Shape `[numItems + 1, dim]`. */
  readonly itemTable: Float32Array
  /** Shape `[numItems + 1]`: 1 where the vector was learned, 0 where it was derived; row 0 is 0. */
  readonly trained: Uint8Array
}

/**
 * Returns item vectors in which an item without training events has the mean vector of its narrowest
 * category with trained items, or of all trained items, instead of its random start.
 *
 * @param itemTable - Shape `[numItems + 1, dim]`; not changed.
 */
export function completeVectors(
  itemTable: Float32Array,
  {
    dataset,
    trainEnds,
    dim,
  }: { readonly dataset: Dataset; readonly trainEnds: Int32Array; readonly dim: number },
): CompletedVectors {
  const { sequences, catalog } = dataset
  const trained = new Uint8Array(catalog.numItems + 1)
  for (let u = 0; u < sequences.numUsers; u++) {
    for (const row of sequences.itemRows.subarray(sequences.offsets[u], trainEnds[u]))
      trained[row] = 1
  }
  const means = new Map<string, { sum: Float64Array; count: number }>()
  const levelsOf = (row: number): string[] => {
    const path = catalog.recordOf(row).categoryPath ?? []
    return Array.from({ length: path.length + 1 }, (_, depth) =>
      JSON.stringify(path.slice(0, depth)),
    )
  }
  for (let row = 1; row <= catalog.numItems; row++) {
    if (!trained[row]) continue
    for (const level of levelsOf(row)) {
      const mean = means.get(level) ?? { sum: new Float64Array(dim), count: 0 }
      for (let d = 0; d < dim; d++)
        mean.sum[d] = (mean.sum[d] as number) + (itemTable[row * dim + d] as number)
      mean.count++
      means.set(level, mean)
    }
  }
  const completed = itemTable.slice()
  for (let row = 1; row <= catalog.numItems; row++) {
    if (trained[row]) continue
    const level = levelsOf(row).findLast((name) => means.has(name))
    const mean = level === undefined ? undefined : means.get(level)
    for (let d = 0; d < dim; d++)
      completed[row * dim + d] = mean === undefined ? 0 : (mean.sum[d] as number) / mean.count
  }
  return { itemTable: completed, trained }
}
