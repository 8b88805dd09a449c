import type { HorizonEvaluation, HorizonListKey } from '@perennial/core'
import { packValues } from './packed-values.ts'
import { KEPT_METRICS, type MethodResult, type Metrics } from './result.ts'

/** Returns an evaluation as the result file has it. */
export function toMethodResult(
  { scorer, metrics, perCase, seconds }: HorizonEvaluation,
  seed: number | null,
): MethodResult {
  const values = Object.fromEntries(
    KEPT_METRICS.map((key: HorizonListKey) => [
      key,
      packValues(perCase.values[key] as Float32Array),
    ]),
  )
  return { name: scorer, seed, metrics: withoutNaN(metrics), values, seconds }
}

/** Returns metrics with `null` for NaN, which JSON lacks. */
export function withoutNaN(metrics: Readonly<Record<string, number>>): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).map(([key, value]) => [key, Number.isNaN(value) ? null : value]),
  )
}
