import { checkInteger, checkNumber, DAY_MS, RecommenderError } from '@perennial/core'
import type { HistoryLimits } from './history-store.ts'

/** Options of every {@link HistoryStore}. */
export interface HistoryStoreOptions {
  /**
   * Tenant whose users these are; namespaces know nothing of each other. 1 to 64 of `a-z`, `0-9`, `-` and `_`, first a
   * letter or digit. @defaultValue 'default'
   */
  readonly namespace?: string | undefined
  /** Most events kept a user, 1 to 100,000; the oldest are dropped. @defaultValue 2,000 */
  readonly maxEventsPerUser?: number | undefined
  /**
   * Age in days from which events, and times at which items were shown, are dropped, 1 or more; `Infinity` keeps all.
   * @defaultValue Infinity
   */
  readonly maxAgeDays?: number | undefined
  /** Most items a user of which it is kept when they were shown, 0 or more. @defaultValue 200 */
  readonly maxShownPerUser?: number | undefined
}

/** What a store makes of its options. */
export interface HistorySettings {
  readonly namespace: string
  readonly limits: HistoryLimits
}

/**
 * Checks the options of a store and fills in the defaults.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION`.
 */
export function readHistoryOptions({
  namespace = 'default',
  maxEventsPerUser = 2_000,
  maxAgeDays = Infinity,
  maxShownPerUser = 200,
}: HistoryStoreOptions): HistorySettings {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(namespace)) {
    throw new RecommenderError(
      'INVALID_OPTION',
      `Expected \`namespace\` to be 1 to 64 of a-z, 0-9, - and _, first a letter or digit, got \`${namespace}\`.`,
    )
  }
  checkInteger('maxEventsPerUser', maxEventsPerUser, 1, 100_000)
  if (maxAgeDays !== Infinity) checkNumber('maxAgeDays', maxAgeDays, 1)
  checkInteger('maxShownPerUser', maxShownPerUser, 0)
  return { namespace, limits: { maxEventsPerUser, maxAgeDays, maxShownPerUser } }
}

/** Returns the oldest time that an age limit keeps, milliseconds since 1970-01-01 UTC. */
export function oldestKeptMs({ maxAgeDays }: HistoryLimits, nowMs: number): number {
  return nowMs - maxAgeDays * DAY_MS
}
