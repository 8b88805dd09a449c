import { RecommenderError } from '../errors.ts'

/**
 * Refuses a value that came from outside.
 *
 * @param path - Where the value stands, such as `filter.all[0].min`.
 * @param expected - Completes "Expected `path` to ...".
 * @throws {@link RecommenderError} `INVALID_INPUT`, always.
 */
export function rejectInput(path: string, expected: string, value: unknown): never {
  const got = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected \`${path}\` to ${expected}, got ${got.slice(0, 100)}.`,
  )
}

/** Returns `value` as an object with no other keys than `known`; throws `INVALID_INPUT` otherwise. */
export function checkObject(
  path: string,
  value: unknown,
  known?: readonly string[],
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    rejectInput(path, 'be an object', value)
  if (known !== undefined) checkKeys(path, value, known)
  return value as Record<string, unknown>
}

/** Throws `INVALID_INPUT` when an object has a key that is not `known`. */
export function checkKeys(path: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) rejectInput(path, `have no other keys than ${known.join(', ')}`, key)
  }
}

/** Throws `INVALID_INPUT` unless `value` is a string that is not empty and not longer than `maxLength`. */
export function checkInputText(
  path: string,
  value: unknown,
  maxLength: number = Infinity,
): asserts value is string {
  if (typeof value === 'string' && value !== '' && value.length <= maxLength) return
  const limit = maxLength === Infinity ? '' : ` of ${maxLength} characters or fewer`
  rejectInput(path, `be a string${limit} that is not empty`, value)
}

/** Throws `INVALID_INPUT` unless `value` is a finite number within the limits; whole when `isInteger` is set. */
export function checkInputNumber(
  path: string,
  value: unknown,
  {
    min = -Infinity,
    max = Infinity,
    isInteger = false,
  }: {
    readonly min?: number | undefined
    readonly max?: number | undefined
    readonly isInteger?: boolean | undefined
  } = {},
): asserts value is number {
  const number = value as number
  if (
    (isInteger ? Number.isInteger(value) : Number.isFinite(value)) &&
    number >= min &&
    number <= max
  )
    return
  const range =
    max !== Infinity ? ` between ${min} and ${max}` : min !== -Infinity ? ` of ${min} or more` : ''
  rejectInput(path, `be ${isInteger ? 'an integer' : 'a finite number'}${range}`, value)
}

/** Throws `INVALID_INPUT` unless `value` is true or false. */
export function checkInputFlag(path: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') rejectInput(path, 'be true or false', value)
}

/** Throws `INVALID_INPUT` unless `value` is a list of `min` to `max` entries. */
export function checkInputList(
  path: string,
  value: unknown,
  { min = 0, max, of }: { readonly min?: number; readonly max: number; readonly of: string },
): asserts value is readonly unknown[] {
  if (Array.isArray(value) && value.length >= min && value.length <= max) return
  const got = Array.isArray(value) ? `${value.length} entries` : value
  rejectInput(path, `be a list of ${min} to ${max} ${of}`, got)
}
