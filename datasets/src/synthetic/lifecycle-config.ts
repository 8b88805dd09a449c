import { checkInteger, checkNumber } from '@perennial/core'

/** Options of `generateLifecycle` and `writeLifecycleCsv`. */
export interface LifecycleOptions {
  /** Number of customers, 1 or more. @defaultValue 2000 */
  readonly users?: number | undefined
  /** Number of items, 126 or more, so that each category has three items in each price band. @defaultValue 300 */
  readonly items?: number | undefined
  /** Length of the log in days, 90 or more. @defaultValue 540 */
  readonly days?: number | undefined
  /** @defaultValue 1 */
  readonly seed?: number | undefined
  /**
   * `0..0.9`: share of random purchases, and the scale of jitter, substitution and dirt.
   * At 0 every need recurs exactly. @defaultValue 0.3
   */
  readonly difficulty?: number | undefined
}

/** Options with defaults filled in. */
export type LifecycleConfig = { readonly [K in keyof LifecycleOptions]-?: number }

/** First day of every log, day 0; local time of the shop, read as UTC. */
export const START_MS: number = Date.UTC(2024, 0, 1)

/** Random streams of one seed, one for each purpose. */
export const STREAM = { assortment: 1, customer: 2, dirt: 3, clock: 4 } as const

/** The mechanism's constants; `README.md` gives the formulas. */
export const MECHANISM = {
  intervalSpread: 0.25,
  jitter: 0.35,
  substitution: 0.3,
  accessoryProbability: 0.7,
  accessoryMinDays: 3,
  accessoryMaxDays: 42,
  joinLaterShare: 0.3,
  lateNeedShare: 0.3,
  lapseShare: 0.25,
  newCustomerDays: 60,
  bandShares: [0.3, 0.5, 0.2],
} as const

/**
 * Fills in defaults and checks the options.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` if a value is out of range.
 */
export function createLifecycleConfig({
  users = 2000,
  items = 300,
  days = 540,
  seed = 1,
  difficulty = 0.3,
}: LifecycleOptions): LifecycleConfig {
  checkInteger('users', users, 1)
  checkInteger('items', items, 126)
  checkInteger('days', days, 90)
  checkInteger('seed', seed, -(2 ** 31), 2 ** 31 - 1)
  checkNumber('difficulty', difficulty, 0, 0.9)
  return { users, items, days, seed, difficulty }
}
