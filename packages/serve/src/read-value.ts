import { RecommenderError } from '@perennial/core'

/** Limits on what one request may hold. */
export const REQUEST_LIMITS = {
  maxK: 1000,
  maxHistory: 10_000,
  maxExclude: 10_000,
  maxEvents: 1000,
  maxItems: 1000,
  maxRequests: 100,
  maxFeedbackItems: 1000,
  maxCategoryLevels: 16,
  maxAttributes: 64,
  maxTextLength: 1000,
  /** Letters of an id; stores take no longer keys. */
  maxIdLength: 256,
} as const

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/** Throws `INVALID_INPUT` unless `value` is an object and no list. */
export function checkObject(path: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw invalid(path, 'to be an object', value)
}

/** Throws `INVALID_INPUT` unless `value` is an id: text that is neither empty nor too long. Returns it. */
export function checkId(path: string, value: unknown): string {
  return checkText(path, value, REQUEST_LIMITS.maxIdLength)
}

/** Throws `INVALID_INPUT` unless `value` is text of 1 to `maxLength` letters, and returns it. */
export function checkText(
  path: string,
  value: unknown,
  maxLength: number = REQUEST_LIMITS.maxTextLength,
): string {
  if (typeof value === 'string' && value !== '' && value.length <= maxLength) return value
  throw invalid(path, `to be a string of 1 to ${maxLength} letters`, value)
}

/** Throws `INVALID_INPUT` unless `values` is a list of `maxLength` entries or fewer. */
export function checkLength(path: string, values: unknown, maxLength: number): void {
  if (Array.isArray(values) && values.length <= maxLength) return
  throw invalid(
    path,
    `to be a list of ${maxLength} entries or fewer`,
    Array.isArray(values) ? values.length : values,
  )
}

/** Throws `INVALID_INPUT` unless `value` is true, false or absent; returns `fallback` where it is absent. */
export function checkFlag(path: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value === 'boolean') return value
  throw invalid(path, 'to be true or false', value)
}

/** Throws `INVALID_INPUT` unless `value` is a time as RFC 3339 writes it; returns milliseconds since 1970-01-01 UTC. */
export function readTimestamp(path: string, value: unknown): number {
  if (typeof value === 'string' && RFC_3339.test(value)) {
    const timestampMs = Date.parse(value)
    // Date.parse takes the 30th of February for a day in March.
    const day = value.slice(0, 10)
    const isDay = new Date(Date.parse(`${day}T00:00:00Z`)).toJSON()?.startsWith(day)
    if (!Number.isNaN(timestampMs) && isDay) return timestampMs
  }
  throw invalid(path, 'to be a time such as 2026-01-31T18:30:00Z', value)
}

/** Returns the error of a value that came from outside. */
export function invalid(path: string, expected: string, value: unknown): RecommenderError {
  const got = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return new RecommenderError(
    'INVALID_INPUT',
    `Expected \`${path}\` ${expected}, got ${got.slice(0, 100)}.`,
  )
}
