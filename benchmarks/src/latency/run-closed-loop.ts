import { createLatencyHistogram, type Percentiles } from './latency-histogram.ts'

/** Options of {@link runClosedLoop}. */
export interface ClosedLoopOptions {
  /** Requests measured, 1 or more. */
  readonly numRequests: number
  /** Requests before the first that is measured. */
  readonly numWarmUp: number
  /** Ends the loop early, after at least one measured request. */
  readonly maxSeconds: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends requests one after another, each when the last is answered, and returns how long each took.
 *
 * A slow answer delays the next request instead of queueing it, so the percentiles are those of a server
 * with one caller, not of one under load.
 *
 * @param ask - Sends request `i`, counted from 0 over the warm-up and the measured ones.
 */
export async function runClosedLoop(
  ask: (i: number) => Promise<unknown>,
  { numRequests, numWarmUp, maxSeconds, signal }: ClosedLoopOptions,
): Promise<Percentiles> {
  const histogram = createLatencyHistogram()
  const endMs = performance.now() + 1000 * maxSeconds
  for (let i = 0; i < numWarmUp && performance.now() < endMs; i++) {
    signal?.throwIfAborted()
    await ask(i)
  }
  for (let i = 0; i < numRequests; i++) {
    signal?.throwIfAborted()
    const startMs = performance.now()
    await ask(numWarmUp + i)
    const stopMs = performance.now()
    histogram.record(stopMs - startMs)
    if (stopMs >= endMs) break
  }
  return histogram.percentiles()
}
