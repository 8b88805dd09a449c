import { checkInteger, checkNumber } from '../errors.ts'

/** Days after a first purchase between which the chance of the next one is spread evenly. */
export const CURVE_EDGES: readonly number[] = [0, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365]

/** Spans between {@link CURVE_EDGES}. */
export const NUM_CURVE_SPANS: number = CURVE_EDGES.length - 1

/** What was seen of buyers of items or categories, one row each, and what is learned from it. */
export interface RepurchaseTable {
  readonly numRows: number
  /** Shape `[numRows]`: users who bought it. */
  readonly numBuyers: Int32Array
  /** Shape `[numRows]`: users who bought it on two days or more. */
  readonly numRepeaters: Int32Array
  /** Shape `[numRows]`: gaps between two purchases by a user. */
  readonly numGaps: Int32Array
  /** Shape `[numRows]`: mean log gap in log days, shrunk. NaN where the log holds no gap at all. */
  readonly meanLogGap: Float64Array
  /** Shape `[numRows]`: deviation of the log gap, shrunk; 0.22 or more. NaN where the log holds no gap at all. */
  readonly logGapDeviation: Float64Array
  /** Shape `[numRows, NUM_CURVE_SPANS]`: chance that a buyer who has not bought again before the span does so in it. */
  readonly chances: Float64Array
  /** Shape `[numRows, NUM_CURVE_SPANS]`: buyers, prior ones included, who were watched in the span; in a part of it counts as that part. */
  readonly numWatched: Float64Array
  /** Shape `[numRows]`: days after a purchase up to which the log tells the chances; one of {@link CURVE_EDGES}. */
  readonly knownDays: Int32Array
}

/** A probability and how far it may be off. */
export interface Estimate {
  readonly probability: number
  /** Standard error, by Greenwood's formula with the prior buyers counted as watched. */
  readonly error: number
}

/**
 * Returns the probability that a buyer buys again within `days` after the first purchase.
 *
 * `1 - product over spans of (1 - chance)^f`, `f` the part of the span within `days`.
 *
 * @param row - Row of the table: an item row, or a node of the category tree.
 * @param days - Within `0..365`.
 * @returns `undefined` beyond what the log tells of the row ({@link RepurchaseTable.knownDays}).
 * @throws {@link RecommenderError} `INVALID_OPTION` if a row or a number of days is outside.
 */
export function probabilityAgain(
  table: RepurchaseTable,
  row: number,
  days: number,
): Estimate | undefined {
  checkInteger('row', row, 0, table.numRows - 1)
  checkNumber('days', days, 0, CURVE_EDGES.at(-1) as number)
  if (days > (table.knownDays[row] as number)) return undefined
  let logSurvival = 0
  let variance = 0
  for (let span = 0; span < NUM_CURVE_SPANS; span++) {
    const start = CURVE_EDGES[span] as number
    if (start >= days) break
    const part = Math.min((days - start) / spanLength(span), 1)
    const chance = table.chances[row * NUM_CURVE_SPANS + span] as number
    const numWatched = table.numWatched[row * NUM_CURVE_SPANS + span] as number
    logSurvival += part * Math.log1p(-chance)
    variance += (part * part * chance) / ((1 - chance) * numWatched)
  }
  const survival = Math.exp(logSurvival)
  return { probability: 1 - survival, error: survival * Math.sqrt(variance) }
}

/**
 * Returns the last whole day after a purchase by which at most a share of the buyers have bought again.
 *
 * @param share - Within `0..1`.
 * @returns Within `0..knownDays`: a log that is too short says nothing of later days.
 * @throws {@link RecommenderError} `INVALID_OPTION` if the row or the share is outside.
 */
export function daysUntilShare(table: RepurchaseTable, row: number, share: number): number {
  checkInteger('row', row, 0, table.numRows - 1)
  checkNumber('share', share, 0, 1)
  const knownDays = table.knownDays[row] as number
  let left = Math.log1p(-share)
  for (let span = 0; span < NUM_CURVE_SPANS; span++) {
    const start = CURVE_EDGES[span] as number
    if (start >= knownDays) break
    const whole = Math.log1p(-(table.chances[row * NUM_CURVE_SPANS + span] as number))
    // The hair keeps a day that is reached exactly.
    if (whole < left) return start + Math.floor((spanLength(span) * left) / whole + 1e-9)
    left -= whole
  }
  return knownDays
}

/** Returns the days of a span. */
export function spanLength(span: number): number {
  return (CURVE_EDGES[span + 1] as number) - (CURVE_EDGES[span] as number)
}
