import { checkNumber, RecommenderError } from '../errors.ts'

/** Days by pair of user and item. */
export type Days = Float32Array | Float64Array

/**
 * Returns the median of `|predicted - actual|`, in days; of an even number of pairs the mean of the middle two.
 *
 * @param predictedDays - Days until the next purchase as predicted; `Infinity` means never.
 * @param actualDays - Same shape: as it came, finite, so only pairs that were bought again.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the lengths differ or are 0; `INVALID_INPUT` if a value is NaN,
 * below 0, or an actual time is not finite.
 */
export function medianAbsoluteError(predictedDays: Days, actualDays: Days): number {
  checkDays({ predictedDays }, actualDays)
  checkFinite('actualDays', actualDays)
  return median(
    Float64Array.from(actualDays, (actual, i) => Math.abs((predictedDays[i] as number) - actual)),
  )
}

/** Options of {@link shareWithinGap}. */
export interface WithinGapOptions {
  /** Same shape as the predictions: mean days between the pair's own purchases, finite. */
  readonly gapDays: Days
  /** How far off a prediction may be, in gaps; above 0. @defaultValue 0.25 */
  readonly tolerance?: number | undefined
}

/**
 * Returns the share of pairs predicted within a quarter of their own gap: `|predicted - actual| <= tolerance * gap`.
 *
 * Other arguments and errors as in {@link medianAbsoluteError}; `INVALID_OPTION` if `tolerance` is not above 0.
 */
export function shareWithinGap(
  predictedDays: Days,
  actualDays: Days,
  { gapDays, tolerance = 0.25 }: WithinGapOptions,
): number {
  checkNumber('tolerance', tolerance, Number.MIN_VALUE)
  checkDays({ predictedDays, gapDays }, actualDays)
  checkFinite('actualDays', actualDays)
  checkFinite('gapDays', gapDays)
  let within = 0
  for (let i = 0; i < actualDays.length; i++) {
    const error = Math.abs((predictedDays[i] as number) - (actualDays[i] as number))
    if (error <= tolerance * (gapDays[i] as number)) within++
  }
  return within / actualDays.length
}

/** How often a predicted range holds what came. */
export interface RangeCoverage {
  /** Share of pairs with `low <= actual <= high`; a range of quantiles .1 to .9 should have .8. */
  readonly coverage: number
  /** Median of `high - low`, in days: of two ranges with the right coverage the narrower one says more. */
  readonly medianWidthDays: number
}

/**
 * Returns how often a range of predicted quantiles holds the actual time, and how wide the range is.
 *
 * @param range - Days, `lowDays` and `highDays` of the same shape as `actualDays`; `Infinity` means never.
 * @param actualDays - As it came; `Infinity` for a pair that was not bought again, which only `highDays` of
 * `Infinity` holds.
 * @throws {@link RecommenderError} `SHAPE_MISMATCH` if the lengths differ or are 0; `INVALID_INPUT` if a value is NaN or
 * below 0, or a low end lies above its high end.
 */
export function rangeCoverage(
  { lowDays, highDays }: { readonly lowDays: Days; readonly highDays: Days },
  actualDays: Days,
): RangeCoverage {
  checkDays({ lowDays, highDays }, actualDays)
  let covered = 0
  const widths = Float64Array.from(actualDays, (actual, i) => {
    const low = lowDays[i] as number
    const high = highDays[i] as number
    if (low > high) {
      throw new RecommenderError(
        'INVALID_INPUT',
        `Expected \`lowDays\` to be at most \`highDays\`, got ${low} and ${high} for pair ${i}.`,
      )
    }
    if (low <= actual && actual <= high) covered++
    return low === high ? 0 : high - low
  })
  return { coverage: covered / actualDays.length, medianWidthDays: median(widths) }
}

/** Sorts `values` in place. */
function median(values: Float64Array): number {
  values.sort()
  const middle = values.length >> 1
  const upper = values[middle] as number
  return values.length % 2 === 1 ? upper : ((values[middle - 1] as number) + upper) / 2
}

function checkDays(others: Readonly<Record<string, Days>>, actualDays: Days): void {
  for (const [name, days] of Object.entries({ ...others, actualDays })) {
    if (days.length !== actualDays.length || days.length === 0) {
      throw new RecommenderError(
        'SHAPE_MISMATCH',
        `Expected \`${name}\` to hold one number for each of at least one pair, got ${days.length} for ${actualDays.length} pairs.`,
      )
    }
    const wrong = days.findIndex((value) => !(value >= 0))
    if (wrong >= 0) throwInvalid(name, 'days of 0 or more', days[wrong] as number, wrong)
  }
}

function checkFinite(name: string, days: Days): void {
  const wrong = days.indexOf(Infinity)
  if (wrong >= 0) throwInvalid(name, 'finite days', Infinity, wrong)
}

function throwInvalid(name: string, expected: string, value: number, position: number): never {
  throw new RecommenderError(
    'INVALID_INPUT',
    `Expected \`${name}\` to be ${expected}, got ${value} for pair ${position}.`,
  )
}
