/** How long one stage of the requests took, as the server counted it. */
export interface StageTimes {
  readonly stage: string
  readonly count: number
  readonly meanMs: number
  /** From the buckets of a histogram: right to the width of a bucket. */
  readonly p50Ms: number
  readonly p99Ms: number
}

interface Histogram {
  sumSeconds: number
  /** Number of values up to each limit in seconds, by limit in the order of the page. */
  readonly buckets: Map<number, number>
}

/**
 * Returns how long each stage took between two readings of a metrics page: every histogram in seconds with
 * a label `stage`.
 *
 * @param before - Text of `GET /metrics`; empty counts from the start of the server.
 */
export function readStages(before: string, after: string): StageTimes[] {
  const earlier = readHistograms(before)
  const stages: StageTimes[] = []
  for (const [stage, { sumSeconds, buckets }] of readHistograms(after)) {
    const was = earlier.get(stage)
    const limits = [...buckets.keys()].sort((a, b) => a - b)
    const counts = limits.map(
      (limit) => (buckets.get(limit) as number) - (was?.buckets.get(limit) ?? 0),
    )
    const count = counts.at(-1) ?? 0
    if (count === 0) continue
    const atMs = (share: number): number => 1000 * quantile(share * count, { limits, counts })
    stages.push({
      stage,
      count,
      meanMs: (1000 * (sumSeconds - (was?.sumSeconds ?? 0))) / count,
      p50Ms: atMs(0.5),
      p99Ms: atMs(0.99),
    })
  }
  return stages
}

/** Returns the largest value of a gauge on a metrics page over its labels; `undefined` when it is not there. */
export function readGauge(page: string, name: string): number | undefined {
  const values = [...page.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)$/gm)]
    .filter(([, found]) => found === name)
    .map(([, , value]) => Number(value))
  return values.length === 0 ? undefined : Math.max(...values)
}

function readHistograms(page: string): Map<string, Histogram> {
  const histograms = new Map<string, Histogram>()
  for (const [, part, labels = '', value] of page.matchAll(
    /^[a-zA-Z_:][\w:]*_(bucket|sum)\{(.*)\} (\S+)$/gm,
  )) {
    const stage = /(?:^|,)stage="([^"]*)"/.exec(labels)?.[1]
    if (stage === undefined) continue
    const histogram = histograms.get(stage) ?? { sumSeconds: 0, buckets: new Map() }
    histograms.set(stage, histogram)
    const limit = /(?:^|,)le="([^"]*)"/.exec(labels)?.[1]
    if (part === 'sum') histogram.sumSeconds += Number(value)
    else if (limit !== undefined) {
      const atMost = limit === '+Inf' ? Infinity : Number(limit)
      histogram.buckets.set(atMost, (histogram.buckets.get(atMost) ?? 0) + Number(value))
    }
  }
  return histograms
}

/** Returns the value of a rank, taken to be spread evenly in its bucket; the last limit for one beyond it. */
function quantile(
  rank: number,
  { limits, counts }: { readonly limits: readonly number[]; readonly counts: readonly number[] },
): number {
  const bucket = counts.findIndex((count) => count >= rank)
  const below = limits[bucket - 1] ?? 0
  const above = limits[bucket] as number
  if (above === Infinity) return below
  const countBelow = counts[bucket - 1] ?? 0
  return below + ((above - below) * (rank - countBelow)) / ((counts[bucket] as number) - countBelow)
}
