import type { RunDescription } from '../machine.ts'
import type { ReferenceTime } from '../reference-workload.ts'
import type { HttpLoad, RequestSettings } from './measure-http.ts'
import type { InProcessLoad } from './measure-in-process.ts'
import type { ServingSizes } from './prepare-serving-data.ts'

/** How the figures came to be, for the result. */
export const LOAD_METHOD = {
  load: 'open loop: each request is sent when it is due, whether or not earlier ones are answered, and its latency counts from then; arrivals are those of a Poisson process unless spacing is fixed; users and items by the law of Zipf',
  phases:
    'cold: the first requests to a process that has answered none; warmUp: left out of the figures; measured: the rest',
  http: 'perennial-serve in a process of its own, asked over keep-alive connections to 127.0.0.1 from this process on the same cores',
  inProcess:
    'direct calls in the process that generates the load; lateness is then how long the event loop was busy when a request was due',
  memory:
    'anonymous memory read once a second; growth is the rise of the least-squares line over the last half',
  reference:
    'median time of a fixed piece of work, JSON and dot products, before and after the load; inReferences are times over the mean of both',
} as const

/** A latency over the time of the reference work of the same run. */
export interface TimesInReferences {
  readonly p50: number
  readonly p99: number
}

/** What `bench:load` writes. */
export interface LoadResult extends RunDescription {
  readonly sizes: ServingSizes
  readonly settings: RequestSettings
  readonly method: typeof LOAD_METHOD
  readonly reference: {
    readonly before: ReferenceTime
    readonly after: ReferenceTime
    readonly meanMs: number
  }
  readonly http?: HttpLoad
  readonly inProcess?: InProcessLoad
  /** Of the measured phase. */
  readonly inReferences: {
    readonly http?: TimesInReferences
    readonly inProcess?: TimesInReferences
  }
}

/** Options of {@link divideByReference}. */
export type MeasuredLoads = Pick<LoadResult, 'http' | 'inProcess'>

/** Returns the latencies of the measured phases over the time of the reference work. */
export function divideByReference(
  { http, inProcess }: MeasuredLoads,
  referenceMs: number,
): LoadResult['inReferences'] {
  const divide = ({ phases }: Pick<HttpLoad, 'phases'>): TimesInReferences => {
    const { p50Ms, p99Ms } = phases.measured.all
    return { p50: p50Ms / referenceMs, p99: p99Ms / referenceMs }
  }
  return {
    ...(http === undefined ? {} : { http: divide(http) }),
    ...(inProcess === undefined ? {} : { inProcess: divide(inProcess) }),
  }
}
