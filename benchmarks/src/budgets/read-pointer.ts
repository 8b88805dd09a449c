import { RecommenderError } from '@perennial/core'

/**
 * Returns the number that a JSON pointer (RFC 6901) finds in `value`, for example `/http/measured/all/p99Ms`.
 *
 * @throws {@link RecommenderError} `INVALID_INPUT` if nothing is there, or no number.
 */
export function readPointer(value: unknown, pointer: string): number {
  let found = value
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const isInside = typeof found === 'object' && found !== null && Object.hasOwn(found, key)
    found = isInside ? (found as Record<string, unknown>)[key] : undefined
  }
  if (pointer.startsWith('/') && typeof found === 'number' && Number.isFinite(found)) return found
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected a number at '${pointer}', got \`${JSON.stringify(found)?.slice(0, 60)}\`.`,
  )
}
