import { checkInteger, checkNumber, RecommenderError } from '../errors.ts'

/**
 * Returns what a purchase weighs by its day: `0.5^((asOfDay - day) / halfLifeDays)`.
 *
 * @param asOfDay - Day of the question, days since 1970-01-01 UTC.
 * @param halfLifeDays - Days after which a purchase counts half; above 0.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option; the returned function also if a purchase is later than
 * `asOfDay`.
 */
export function createDecay(asOfDay: number, halfLifeDays: number): (day: number) => number {
  checkInteger('asOfDay', asOfDay, -Infinity)
  checkNumber('halfLifeDays', halfLifeDays, Number.MIN_VALUE)
  return (day) => {
    if (day <= asOfDay) return 0.5 ** ((asOfDay - day) / halfLifeDays)
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`asOfDay\` to be on or after the last day of the past, ${day}, got ${asOfDay}.`,
    )
  }
}
