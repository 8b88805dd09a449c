import { checkInteger, checkNumber, RecommenderError } from '../errors.ts'

/**
 * Days after the cut at which the bins of a purchase time begin. Bin `b` is `[edges[b], edges[b + 1])`; the last one,
 * from 180 days on, also holds what is never bought.
 */
export const TIME_EDGES: readonly number[] = [0, 2, 4, 7, 10, 14, 21, 28, 42, 60, 90, 120, 180]

/** Bins of a purchase time: 12 within 180 days and `never`. */
export const NUM_TIME_BINS: number = TIME_EDGES.length

/** Purchases later than this many days after the cut count as never. */
export const LAST_TIME_EDGE: number = TIME_EDGES.at(-1) as number

/** How far a sum of probabilities may be from 1: float32 softmax outputs pass. */
const SUM_TOLERANCE = 1e-4

/** When the next purchase is expected, in days after the cut. */
export interface TimeRange {
  readonly earlyDays: number
  readonly medianDays: number
  readonly lateDays: number
}

/** Bins that are possible: `first .. last`, both included. */
export interface TimeBins {
  readonly first: number
  readonly last: number
}

/**
 * Returns the bin of a purchase.
 *
 * @param days - Days from the cut to the purchase, 0 on the day of the cut; `Infinity` for never.
 * @throws {@link RecommenderError} `INVALID_OPTION` if `days` is below 0 or NaN.
 */
export function timeBinOf(days: number): number {
  if (days !== Infinity) checkNumber('days', days, 0)
  let bin = NUM_TIME_BINS - 1
  while (days < (TIME_EDGES[bin] as number)) bin--
  return bin
}

/**
 * Returns the bins that remain possible for a purchase that had not come when observation ended.
 *
 * The bin in which observation ended is among them, although its beginning has passed.
 *
 * @param observedDays - Whole days from the cut on that were seen without the purchase, 0 or more.
 * @throws {@link RecommenderError} `INVALID_OPTION` if it is not an integer of 0 or more.
 */
export function possibleTimeBins(observedDays: number): TimeBins {
  checkInteger('observedDays', observedDays, 0)
  return { first: timeBinOf(observedDays), last: NUM_TIME_BINS - 1 }
}

/**
 * Checks the probabilities of a purchase time.
 *
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if there are not {@link NUM_TIME_BINS} of them; `INVALID_INPUT` if one is
 * not within `[0, 1]` or their sum is further than 0.0001 from 1.
 */
export function checkTimeDistribution(probabilities: ArrayLike<number>): void {
  if (probabilities.length !== NUM_TIME_BINS) {
    throw new RecommenderError(
      'SHAPE_MISMATCH',
      `Expected ${NUM_TIME_BINS} probabilities of a purchase time, got ${probabilities.length}.`,
    )
  }
  let sum = 0
  for (let bin = 0; bin < NUM_TIME_BINS; bin++) {
    const probability = probabilities[bin] as number
    if (!(probability >= 0 && probability <= 1)) {
      throw new RecommenderError(
        'INVALID_INPUT',
        `Expected the probability of time bin ${bin} to be within 0..1, got ${probability}.`,
      )
    }
    sum += probability
  }
  if (Math.abs(sum - 1) <= SUM_TOLERANCE) return
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected the probabilities of the ${NUM_TIME_BINS} time bins to add up to 1, got ${sum}.`,
  )
}

/**
 * Returns the probability of a purchase within `[cut, cut + days)`, linear inside a bin.
 *
 * @param probabilities - One a bin, as {@link checkTimeDistribution} allows.
 * @param days - Length of the horizon, `0..180`; beyond it the distribution says nothing.
 * @throws {@link RecommenderError} `INVALID_OPTION` if `days` is outside; else as {@link checkTimeDistribution}.
 */
export function probabilityWithin(probabilities: ArrayLike<number>, days: number): number {
  checkNumber('days', days, 0, LAST_TIME_EDGE)
  checkTimeDistribution(probabilities)
  let probability = 0
  for (let bin = 0; bin < NUM_TIME_BINS - 1; bin++) {
    const start = TIME_EDGES[bin] as number
    const width = (TIME_EDGES[bin + 1] as number) - start
    const share = Math.min(Math.max((days - start) / width, 0), 1)
    probability += (probabilities[bin] as number) * share
  }
  return Math.min(probability, 1)
}

/**
 * Returns the day by which a share of the purchases that come within 180 days has come, linear inside a bin.
 *
 * @param share - `0..1`, for example 0.5 for the median.
 * @returns Days after the cut, `0..180`, or `undefined` when no purchase within 180 days is possible.
 * @throws {@link RecommenderError} `INVALID_OPTION` if `share` is outside; else as {@link checkTimeDistribution}.
 */
export function timeQuantile(probabilities: ArrayLike<number>, share: number): number | undefined {
  checkNumber('share', share, 0, 1)
  checkTimeDistribution(probabilities)
  let within = 0
  for (let bin = 0; bin < NUM_TIME_BINS - 1; bin++) within += probabilities[bin] as number
  if (within === 0) return undefined
  const wanted = share * within
  let before = 0
  let day = 0
  for (let bin = 0; bin < NUM_TIME_BINS - 1; bin++) {
    const probability = probabilities[bin] as number
    if (probability === 0) continue
    const start = TIME_EDGES[bin] as number
    const end = TIME_EDGES[bin + 1] as number
    if (before + probability >= wanted) {
      return start + (end - start) * Math.max((wanted - before) / probability, 0)
    }
    before += probability
    // Reached only when rounding leaves `wanted` a hair above the sum of all bins.
    day = end
  }
  return day
}

/** Options of {@link expectedTime}: shares of the purchases within 180 days. */
export interface ExpectedTimeOptions {
  /** Share that comes before the range, within `0..0.5`. @defaultValue 0.25 */
  readonly early?: number | undefined
  /** Share that comes before the end of the range, within `0.5..1`. @defaultValue 0.75 */
  readonly late?: number | undefined
}

/**
 * Returns the range of days in which the next purchase is expected, given that it comes within 180 days.
 *
 * @returns `undefined` when no purchase within 180 days is possible.
 * @throws {@link RecommenderError} `INVALID_OPTION` if a share is outside its range; else as {@link checkTimeDistribution}.
 */
export function expectedTime(
  probabilities: ArrayLike<number>,
  { early = 0.25, late = 0.75 }: ExpectedTimeOptions = {},
): TimeRange | undefined {
  checkNumber('early', early, 0, 0.5)
  checkNumber('late', late, 0.5, 1)
  const earlyDays = timeQuantile(probabilities, early)
  const medianDays = timeQuantile(probabilities, 0.5)
  const lateDays = timeQuantile(probabilities, late)
  if (earlyDays === undefined || medianDays === undefined || lateDays === undefined)
    return undefined
  return { earlyDays, medianDays, lateDays }
}
