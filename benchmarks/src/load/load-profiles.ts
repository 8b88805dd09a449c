import type { RequestSettings } from './measure-http.ts'
import type { ServingSizes } from './prepare-serving-data.ts'

/** Ways of asking. */
export const TRANSPORTS = ['http', 'in-process'] as const

/** One of {@link TRANSPORTS}. */
export type Transport = (typeof TRANSPORTS)[number]

/** Sizes and load that have a name, budgets of their own and a stored result. */
export interface LoadProfile {
  readonly sizes: Omit<ServingSizes, 'seed'>
  readonly load: Pick<RequestSettings, 'ratePerSecond' | 'seconds' | 'reloadEverySeconds'>
  readonly transports: readonly Transport[]
  /** Set of budgets, and name of the stored result. */
  readonly budgets: string
}

/** Names of the profiles: what is promised, its catalogue of a million items, its reloads, and a check of half a minute. */
export const PROFILE_NAMES = ['full', 'million', 'reload', 'quick'] as const

/** Profiles by name. */
export const LOAD_PROFILES: Readonly<Record<(typeof PROFILE_NAMES)[number], LoadProfile>> = {
  full: {
    sizes: { numItems: 100_000, numUsers: 200_000, eventsPerUser: 50 },
    load: {
      ratePerSecond: 1000,
      seconds: { cold: 10, warmUp: 30, measured: 300 },
      reloadEverySeconds: 0,
    },
    transports: TRANSPORTS,
    budgets: 'load',
  },
  million: {
    sizes: { numItems: 1_000_000, numUsers: 20_000, eventsPerUser: 50 },
    load: {
      ratePerSecond: 50,
      seconds: { cold: 5, warmUp: 10, measured: 60 },
      reloadEverySeconds: 0,
    },
    transports: TRANSPORTS,
    budgets: 'load-million',
  },
  reload: {
    sizes: { numItems: 100_000, numUsers: 200_000, eventsPerUser: 50 },
    load: {
      ratePerSecond: 500,
      seconds: { cold: 5, warmUp: 10, measured: 60 },
      reloadEverySeconds: 5,
    },
    transports: ['http'],
    budgets: 'load-reload',
  },
  quick: {
    sizes: { numItems: 2000, numUsers: 2000, eventsPerUser: 20 },
    load: {
      ratePerSecond: 200,
      seconds: { cold: 1, warmUp: 3, measured: 8 },
      reloadEverySeconds: 0,
    },
    transports: TRANSPORTS,
    budgets: 'load-quick',
  },
}
