import { createLatencyHistogram, type Percentiles } from '../latency/latency-histogram.ts'
import type { RequestKind } from './create-workload.ts'
import type { OpenLoopAnswer } from './run-open-loop.ts'

/** What became of the requests of an open loop. Latencies count from the due time, and hold failed requests too. */
export interface LoopTimes {
  readonly seconds: number
  readonly numRequests: number
  readonly numErrors: number
  /** Number of failures by reason; the first ten reasons. */
  readonly errors: Readonly<Record<string, number>>
  readonly requestsPerSecond: number
  readonly all: Percentiles
  /** Absent when there was none. */
  readonly reads?: Percentiles
  /** Absent when there was none. */
  readonly writes?: Percentiles
  /** From due to sent: what the load generator adds. In process it is how long the event loop was busy with other work. */
  readonly lateness: Percentiles
}

/** Collects the answers of one open loop. */
export interface TimesRecorder {
  record(answer: OpenLoopAnswer, kind: RequestKind): void
  times(): LoopTimes
}

const MAX_REASONS = 10
/** The shortest time that a histogram takes. */
const MIN_MS = 0.001

/** Creates a recorder of a loop that requests were due in for `seconds`. */
export function recordTimes(seconds: number): TimesRecorder {
  const all = createLatencyHistogram()
  const kinds = { read: createLatencyHistogram(), write: createLatencyHistogram() }
  const lateness = createLatencyHistogram()
  const errors = new Map<string, number>()
  return {
    record({ latencyMs, lateMs, error }, kind) {
      all.record(Math.max(MIN_MS, latencyMs))
      kinds[kind].record(Math.max(MIN_MS, latencyMs))
      lateness.record(Math.max(MIN_MS, lateMs))
      if (error === undefined) return
      const reason = error instanceof Error ? error.message : String(error)
      errors.set(reason, (errors.get(reason) ?? 0) + 1)
    },
    times() {
      const percentiles = all.percentiles()
      const [reads, writes] = [kinds.read.percentiles(), kinds.write.percentiles()]
      return {
        seconds,
        numRequests: percentiles.numRequests,
        numErrors: [...errors.values()].reduce((sum, count) => sum + count, 0),
        errors: Object.fromEntries([...errors].slice(0, MAX_REASONS)),
        requestsPerSecond: percentiles.numRequests / seconds,
        all: percentiles,
        ...(reads.numRequests === 0 ? {} : { reads }),
        ...(writes.numRequests === 0 ? {} : { writes }),
        lateness: lateness.percentiles(),
      }
    },
  }
}
