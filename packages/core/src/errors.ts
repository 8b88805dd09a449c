/** Stable error codes. Messages may change between versions, codes do not. */
export const ERROR_CODES = [
  'INVALID_OPTION',
  'INVALID_INPUT',
  'TOO_MANY_BAD_ROWS',
  'INVALID_EVENTS',
  'SHAPE_MISMATCH',
  'UNKNOWN_ITEM',
  'DATASET_MISSING',
  'DATASET_MISMATCH',
  'BAD_CHECKPOINT',
  'BAD_ARTIFACT',
  'ENGINE_UNAVAILABLE',
  'OUT_OF_MEMORY',
  'TRAINING_DIVERGED',
  'INDEX_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'ABORTED',
] as const

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number]

/**
 * The one error class of Perennial.
 *
 * The message says what was expected, what came, where, and the way out when there is one.
 */
export class RecommenderError extends Error {
  override readonly name = 'RecommenderError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/**
 * Throws `INVALID_OPTION` unless `value` is an integer within `[min, max]`.
 *
 * @param name - The option as the caller spells it.
 */
export function checkInteger(
  name: string,
  value: number,
  min: number,
  max: number = Infinity,
): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${name}\` to be an integer ${describeRange(min, max)}, got \`${value}\` (${typeof value}).`,
  )
}

/** Throws `INVALID_OPTION` unless `value` is a finite number within `[min, max]`. */
export function checkNumber(
  name: string,
  value: number,
  min: number,
  max: number = Infinity,
): void {
  if (Number.isFinite(value) && value >= min && value <= max) return
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${name}\` to be a finite number ${describeRange(min, max)}, got \`${value}\` (${typeof value}).`,
  )
}

/** Throws `INVALID_OPTION` unless `value` is one of `choices`. */
export function checkChoice<const T extends string>(
  name: string,
  value: string,
  choices: readonly T[],
): asserts value is T {
  if ((choices as readonly string[]).includes(value)) return
  throw new RecommenderError(
    'INVALID_OPTION',
    `Expected \`${name}\` to be one of ${choices.join(', ')}, got \`${value}\`.`,
  )
}

function describeRange(min: number, max: number): string {
  return max === Infinity ? `of ${min} or more` : `between ${min} and ${max}`
}
