import { type Dataset, type EncoderConfig, type Sequences, unitVectors } from '@perennial/core'
import { type TrainingRangeConfig, trainingStart } from '../fit/training-range.ts'

/** Item vectors that all mean something, and which of them were learned. */
export interface CompletedVectors {
  /** Shape `[numItems + 1, dim]`. */
  readonly itemTable: Float32Array
  /** Shape `[numItems + 1]`: 1 where the vector was learned, 0 where it was derived; row 0 is 0. */
  readonly trained: Uint8Array
}

/** Options of {@link completeVectors}. */
export interface CompleteVectorsOptions {
  readonly dataset: Dataset
  /** One entry a fit that the vectors went through, each of shape `[numUsers]`: where its training parts end. */
  readonly trainEnds: readonly Int32Array[]
  readonly encoder: Pick<EncoderConfig, 'dim' | 'maxLength' | 'similarity'>
  readonly objective: TrainingRangeConfig['objective']
}

/**
 * Returns item vectors in which an item that was in no training batch has the mean vector of its narrowest
 * category with trained items, or of all trained items, instead of its random start.
 *
 * Items bought only by users of a single event, or further back than batches reach, are such items too. With
 * similarity `cosine` every vector has length 1, as training reads them and as serving needs them; a mean is one of
 * such vectors and then made that long itself.
 *
 * @param itemTable - Shape `[numItems + 1, dim]`; not changed.
 */
export function completeVectors(
  itemTable: Float32Array,
  { dataset, trainEnds, encoder, objective }: CompleteVectorsOptions,
): CompletedVectors {
  const { catalog } = dataset
  const { dim, similarity } = encoder
  const trained = new Uint8Array(catalog.numItems + 1)
  const range = { encoder, objective }
  for (const ends of trainEnds) markBatched(trained, dataset.sequences, { ends, range })
  // The network was trained on vectors of length 1 where the score is a cosine, and is served with them.
  const finish = (table: Float32Array): Float32Array =>
    similarity === 'cosine' ? unitVectors(table, dim) : table
  const completed = finish(itemTable.slice())
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
        mean.sum[d] = (mean.sum[d] as number) + (completed[row * dim + d] as number)
      mean.count++
      means.set(level, mean)
    }
  }
  for (let row = 1; row <= catalog.numItems; row++) {
    if (trained[row]) continue
    const level = levelsOf(row).findLast((name) => means.has(name))
    const mean = level === undefined ? undefined : means.get(level)
    for (let d = 0; d < dim; d++)
      completed[row * dim + d] = mean === undefined ? 0 : (mean.sum[d] as number) / mean.count
  }
  return { itemTable: finish(completed), trained }
}

/** Sets the flags of all items that training batches hold. */
function markBatched(
  trained: Uint8Array,
  sequences: Sequences,
  { ends, range }: { ends: Int32Array; range: TrainingRangeConfig },
): void {
  for (let u = 0; u < sequences.numUsers; u++) {
    const first = sequences.offsets[u] as number
    const start = trainingStart(sequences.timestampMs.subarray(first, ends[u]), range)
    // A user with nothing to ask about is in no batch.
    if (start === undefined) continue
    for (const row of sequences.itemRows.subarray(first + start, ends[u])) trained[row] = 1
  }
}
