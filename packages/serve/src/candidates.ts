import type { Ranking, Reason } from '@perennial/core'
import type { Availability } from './items/availability.ts'
import type { PurchaseForecast } from './lifecycle/rank-candidates.ts'

/** Items that were ranked for one customer, in no order. */
export interface Candidates {
  readonly itemRows: Int32Array
  /** Higher is better; comparable within one answer only. */
  readonly scores: Float32Array
  /** 1 where the customer bought the item before. */
  readonly isOwn: Uint8Array
  readonly path: 'model' | 'popular'
  /** What ranked them where the path is `model`. */
  readonly ranking?: Ranking
  /** Why the path is not `model`. */
  readonly note?: string
  /** Returns when the item at `place` is expected to be bought, or `undefined` where that was not learned. */
  forecastOf(place: number): PurchaseForecast | undefined
  /** Returns why the items at `places` are there, from the parts of their scores, in the order of `places`. */
  explain(places: readonly number[]): Promise<Reason[]>
}

/** Candidates that are looked for among items of which more are wanted. */
export const NUM_ALSO = 100

/** Which candidates are wanted. */
export interface CandidateOptions {
  /** Shape `[numItems + 1]` or longer, 0 for items left out; `undefined` when every item is allowed. */
  readonly allowed: Uint8Array | undefined
  /** What can be sold, where nothing else limits the items: what was found then can be used again. */
  readonly onlyBy?: Availability | undefined
  /** Candidates wanted at least, where so many are allowed. */
  readonly minCandidates: number
  /** Shape `[numItems + 1]`, 1 for items of which more candidates are wanted. @defaultValue none */
  readonly alsoAllowed?: Uint8Array | undefined
  /** Allowed items that are to be candidates in any case. @defaultValue none */
  readonly alsoRows?: readonly number[] | undefined
}
