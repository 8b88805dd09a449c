import Benchmark from 'benchmark'

/** How long one operation takes. */
export interface OperationTime {
  readonly name: string
  readonly meanMicros: number
  /** Median over the samples, which other processes disturb less than the mean. */
  readonly medianMicros: number
  /** Half the width of the 95% confidence interval of the mean, in percent of it. */
  readonly marginPercent: number
  /** Samples of many calls each. */
  readonly numSamples: number
}

/** Options of {@link measureOperation}. */
export interface MeasureOperationOptions {
  /** About how long the sampling goes on; five samples are taken in any case. @defaultValue 1 */
  readonly maxSeconds?: number | undefined
}

/**
 * Returns how long `run` takes, sampled by the `benchmark` package; a promise counts until it is settled.
 *
 * @throws What `run` throws.
 */
export async function measureOperation(
  name: string,
  run: () => unknown,
  { maxSeconds = 1 }: MeasureOperationOptions = {},
): Promise<OperationTime> {
  const first = run()
  const isAsync = first instanceof Promise
  await first
  return new Promise((resolve, reject) => {
    const benchmark = new Benchmark({
      async: true,
      defer: isAsync,
      maxTime: maxSeconds,
      fn: isAsync
        ? (deferred: { resolve(): void }) => {
            const fail = (error: unknown): void => {
              benchmark.abort()
              reject(error)
            }
            ;(run() as Promise<unknown>).then(() => deferred.resolve(), fail)
          }
        : run,
      onComplete: () => {
        const { mean, rme, sample } = benchmark.stats
        if (benchmark.error !== undefined) reject(benchmark.error)
        else {
          resolve({
            name,
            meanMicros: mean * 1e6,
            medianMicros: medianOf(sample) * 1e6,
            marginPercent: rme,
            numSamples: sample.length,
          })
        }
      },
    })
    benchmark.run()
  })
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] as number
  const high = sorted[Math.floor(middle)] as number
  return (low + high) / 2
}
