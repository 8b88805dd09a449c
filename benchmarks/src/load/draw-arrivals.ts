import { checkChoice, checkNumber, type Rng } from '@perennial/core'

/** How arrivals are spread: at random as independent customers come, or one every so often. */
export const SPACINGS = ['poisson', 'fixed'] as const

/** One of {@link SPACINGS}. */
export type Spacing = (typeof SPACINGS)[number]

/** Options of {@link drawArrivals}. */
export interface ArrivalOptions {
  /** Mean number of requests a second, above 0. */
  readonly ratePerSecond: number
  /** @defaultValue 'poisson' */
  readonly spacing?: Spacing | undefined
  readonly rng: Rng
}

/**
 * Returns when requests are due, in milliseconds from the start, ascending, all below `durationMs`.
 *
 * With `poisson` the gaps are exponential, so bursts come as they do from many independent callers; with
 * `fixed` every gap is the same and the first request is due after half of one.
 *
 * @throws `RecommenderError` `INVALID_OPTION`.
 */
export function drawArrivals(
  durationMs: number,
  { ratePerSecond, spacing = 'poisson', rng }: ArrivalOptions,
): Float64Array {
  checkNumber('durationMs', durationMs, 0)
  checkNumber('ratePerSecond', ratePerSecond, Number.MIN_VALUE)
  checkChoice('spacing', spacing, SPACINGS)
  const meanGapMs = 1000 / ratePerSecond
  const drawGapMs = (): number =>
    spacing === 'fixed' ? meanGapMs : -Math.log(1 - rng.next()) * meanGapMs
  const dueMs: number[] = []
  let atMs = spacing === 'fixed' ? meanGapMs / 2 : drawGapMs()
  while (atMs < durationMs) {
    dueMs.push(atMs)
    atMs += drawGapMs()
  }
  return Float64Array.from(dueMs)
}
