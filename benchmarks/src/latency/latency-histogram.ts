import { build } from 'hdr-histogram-js'

/** How long requests took, to three significant digits. */
export interface Percentiles {
  readonly numRequests: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** Times of many requests in little memory. */
export interface LatencyHistogram {
  /** Counts one request that took `durationMs`, `0.001` or more. */
  record(durationMs: number): void
  percentiles(): Percentiles
}

const NANOS_PER_MS = 1e6

/** Creates an empty histogram of times up to an hour. */
export function createLatencyHistogram(): LatencyHistogram {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3.6e12,
    numberOfSignificantValueDigits: 3,
  })
  // The histogram answers with the end of a bin, which may lie beyond the longest time.
  const atMs = (percentile: number): number =>
    Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue) / NANOS_PER_MS
  return {
    record: (durationMs) => histogram.recordValue(Math.round(durationMs * NANOS_PER_MS)),
    percentiles: () => ({
      numRequests: histogram.totalCount,
      meanMs: histogram.mean / NANOS_PER_MS,
      p50Ms: atMs(50),
      p90Ms: atMs(90),
      p99Ms: atMs(99),
      p999Ms: atMs(99.9),
      maxMs: histogram.maxValue / NANOS_PER_MS,
    }),
  }
}
