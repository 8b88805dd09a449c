import { RecommenderError } from '@perennial/core'
import { createFitConfig, type FitOptions } from './options.ts'

/** A catalogue that any number of negatives fits into, for checks before one is known. */
const ANY_CATALOG = 2 ** 31 - 1

/**
 * Checks options that did not come from code.
 *
 * @param where - Where they came from, as the user is to read it.
 * @throws {@link RecommenderError} `INVALID_OPTION` naming place and option.
 */
export function checkOptions(
  options: FitOptions,
  { where, numItems = ANY_CATALOG }: { readonly where: string; readonly numItems?: number },
): void {
  try {
    createFitConfig(options, numItems)
  } catch (cause) {
    if (!(cause instanceof RecommenderError)) throw cause
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected ${where} to give what \`fit\` takes. ${cause.message}`,
    )
  }
}
