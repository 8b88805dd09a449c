import { RecommenderError } from '../errors.ts'
import { type BootstrapOptions, bootstrapMean, type MeanInterval } from './bootstrap-mean.ts'
import { meanDefined } from './mean-defined.ts'

/** A metric over the cases of one label. `low` and `high` are NaN below two users, who show no spread. */
export interface Segment extends MeanInterval {
  readonly label: string
  /** Cases in which the metric is defined. */
  readonly numCases: number
  /** Distinct users among them. */
  readonly numUsers: number
}

/**
 * Returns a metric by segment: mean, counts and 95 % bootstrap interval of the cases that share a label.
 *
 * A segment in which no case defines the metric has 0 cases and NaN for its numbers.
 *
 * @param values - Metric by case; NaN where undefined.
 * @param labels - Label of each case, for example a lifecycle stage, or from `cohortLabels`.
 * @param options - As of {@link bootstrapMean}; each segment is resampled by itself.
 * @returns Segments in order of label, numbers in labels by their size (`2-3` before `16+`).
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the lengths differ or are 0; `INVALID_OPTION` if `resamples`
 * is below 100.
 */
export function summarizeSegments(
  values: Float32Array,
  labels: readonly string[],
  options: BootstrapOptions,
): Segment[] {
  const { userRows = Int32Array.from(values, (_, i) => i) } = options
  if (values.length === 0 || labels.length !== values.length || userRows.length !== values.length) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected a label and a user for each of at least one value, got ${values.length} values, ${labels.length} labels and ${userRows.length} users.`,
    )
  }
  const positions = new Map<string, number[]>()
  labels.forEach((label, i) => {
    const own = positions.get(label)
    if (own === undefined) positions.set(label, [i])
    else own.push(i)
  })
  const order = new Intl.Collator('en', { numeric: true })
  return [...positions]
    .sort(([a], [b]) => order.compare(a, b))
    .map(([label, own]) => {
      const defined = Int32Array.from(own).filter((i) => !Number.isNaN(values[i]))
      const users = defined.map((i) => userRows[i] as number)
      const ofSegment = Float32Array.from(defined, (i) => values[i] as number)
      const numUsers = new Set(users).size
      const interval =
        numUsers < 2
          ? { mean: meanDefined(ofSegment), low: Number.NaN, high: Number.NaN }
          : bootstrapMean(ofSegment, { ...options, userRows: users })
      return { label, numCases: defined.length, numUsers, ...interval }
    })
}
