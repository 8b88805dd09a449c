/** One number that the ranker sees of a candidate, declared once for training and serving. */
export interface Feature<Facts> {
  /** `<subject>.<what>`, for example `pair.recency`. */
  readonly name: string
  /** How it is computed, natural logarithms, ages and gaps in days. */
  readonly formula: string
  readonly unit: string
  /** NaN where it does not apply; the ranker then sees the mean. */
  readonly compute: (facts: Facts) => number
}
