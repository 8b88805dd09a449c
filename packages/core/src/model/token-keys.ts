/** What a token can be looked up by: its place in its sequence, and times of its question. */
export const TOKEN_KEYS = ['position', 'gap', 'weekday', 'season'] as const

/** One of {@link TOKEN_KEYS}. */
export type TokenKey = (typeof TOKEN_KEYS)[number]

/** Buckets of {@link timeBucket}; the last also holds all longer times (about 600 years). */
export const NUM_TIME_BUCKETS = 80

/** Width of a time bucket in units of `ln(seconds)`. */
export const TIME_BUCKET_WIDTH = 0.301

export const NUM_WEEKDAYS = 7
export const NUM_SEASONS = 12
export const DAY_SECONDS = 86_400
export const YEAR_DAYS = 365.2425

/**
 * Returns the bucket of a time span: `floor(ln(max(1, seconds)) / 0.301)`, at most `NUM_TIME_BUCKETS - 1`.
 *
 * @see Zhai et al. 2024, {@link https://arxiv.org/abs/2402.17152 | arXiv:2402.17152}, whose code uses this width.
 */
export function timeBucket(seconds: number): number {
  const bucket = Math.floor(Math.log(Math.max(1, seconds)) / TIME_BUCKET_WIDTH)
  return Math.min(NUM_TIME_BUCKETS - 1, bucket)
}

/** Returns the least whole seconds of each time bucket, ascending: shape `[NUM_TIME_BUCKETS]`. */
export function timeBucketStarts(): Float64Array {
  return Float64Array.from({ length: NUM_TIME_BUCKETS }, (_, bucket) =>
    bucket === 0 ? 0 : Math.ceil(Math.exp(TIME_BUCKET_WIDTH * bucket)),
  )
}

/** Returns the day of the week in UTC, 0 for Sunday. */
export function weekdayOf(seconds: number): number {
  return modulo(Math.floor(seconds / DAY_SECONDS) + 4, NUM_WEEKDAYS)
}

/** Returns the twelfth of the year: 0 for about January. */
export function seasonOf(seconds: number): number {
  const years = seconds / DAY_SECONDS / YEAR_DAYS
  return Math.min(NUM_SEASONS - 1, Math.floor(NUM_SEASONS * (years - Math.floor(years))))
}

/** Packed sequences with times, as {@link tokenKeys} reads them. */
export interface TimedSequences {
  /** Shape `[B + 1]`: sequence `b` is `offsets[b] .. offsets[b + 1] - 1`. */
  readonly offsets: Int32Array
  /** When each token's event was, seconds since 1970 UTC; shape `[T]`. */
  readonly eventSeconds: Float64Array
  /** When each token's question is asked: the time of the next event, unless the token is asked at another; shape `[T]`. */
  readonly askedSeconds: Float64Array
}

/** Returns one key a token: shape `[T]`. Key `position` is the distance from the newest event of the sequence. */
export function tokenKeys(
  { offsets, eventSeconds, askedSeconds }: TimedSequences,
  key: TokenKey,
): Int32Array {
  const keys = new Int32Array(offsets[offsets.length - 1] as number)
  if (key === 'position') {
    for (let b = 0; b + 1 < offsets.length; b++) {
      const end = offsets[b + 1] as number
      for (let t = offsets[b] as number; t < end; t++) keys[t] = end - 1 - t
    }
    return keys
  }
  for (let t = 0; t < keys.length; t++) {
    const asked = askedSeconds[t] as number
    if (key === 'gap') keys[t] = timeBucket(asked - (eventSeconds[t] as number))
    else keys[t] = key === 'weekday' ? weekdayOf(asked) : seasonOf(asked)
  }
  return keys
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
