/** How features are brought to one scale: entries in the order of the features. */
export interface FeatureScale {
  readonly means: readonly number[]
  /** Standard deviations, above 0. */
  readonly deviations: readonly number[]
}

/** Standardised features beyond this are cut off: what training saw few of must not decide alone. */
export const FEATURE_LIMIT = 5

/**
 * Returns means and deviations of the columns of `features [rows, width]`, NaN left out.
 *
 * A column without any number, or with one alone, gets deviation 1.
 */
export function fitFeatureScale(features: Float32Array, width: number): FeatureScale {
  const counts = new Float64Array(width)
  const sums = new Float64Array(width)
  const squares = new Float64Array(width)
  for (let at = 0; at < features.length; at += width) {
    for (let f = 0; f < width; f++) {
      const value = features[at + f] as number
      if (Number.isNaN(value)) continue
      counts[f] = (counts[f] as number) + 1
      sums[f] = (sums[f] as number) + value
      squares[f] = (squares[f] as number) + value * value
    }
  }
  const means = Array.from(sums, (sum, f) => sum / Math.max(counts[f] as number, 1))
  const deviations = means.map((mean, f) => {
    const variance = (squares[f] as number) / Math.max(counts[f] as number, 1) - mean * mean
    return variance > 1e-10 ? Math.sqrt(variance) : 1
  })
  return { means, deviations }
}

/** Standardises `features [rows, width]` in place: `(x - mean) / deviation` within -5..5, and 0 for NaN. */
export function standardize(
  features: Float32Array,
  { means, deviations }: FeatureScale,
): Float32Array {
  const width = means.length
  for (let at = 0; at < features.length; at += width) {
    for (let f = 0; f < width; f++) {
      const value =
        ((features[at + f] as number) - (means[f] as number)) / (deviations[f] as number)
      features[at + f] = Number.isNaN(value)
        ? 0
        : Math.min(Math.max(value, -FEATURE_LIMIT), FEATURE_LIMIT)
    }
  }
  return features
}
