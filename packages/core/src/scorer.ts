import type { History } from './data/sequences.ts'

/** Anything that scores every item of the catalogue for a history: a baseline or a trained model. */
export interface Scorer {
  /** Name in result tables, for example `tifu-knn`. */
  readonly name: string
  /**
   * Writes the scores of all items for each history; higher is better.
   *
   * @param histories - `B` histories, possibly empty ones.
   * @param scores - Shape `[B, numItems + 1]`, row-major, fully overwritten. Column 0 (padding) is ignored.
   */
  scoreBatch(histories: readonly History[], scores: Float32Array): Promise<void> | void
}
