/** One purchase of an item: the first of a user on its day. */
export interface ItemPurchase {
  readonly itemRow: number
  /** Days since 1970-01-01 UTC. */
  readonly day: number
  /** Price of one unit; NaN when unknown. */
  readonly price: number
  /** Days of the user on which he bought the item, this one included; 1 or more. */
  readonly count: number
  /** Days since the user's purchase before; 0 where there was none, or where this one is older. */
  readonly gapDays: number
}

/** What is known of an item at a time, of the days before it. */
export interface ItemFacts {
  /** Purchases, each counting half after 7, 14, 30 and 90 days. */
  readonly decayed: readonly [number, number, number, number]
  /** First purchases by a user, each counting half after 14 and 30 days. */
  readonly firstDecayed: readonly [number, number]
  readonly numPurchases: number
  readonly numBuyers: number
  /** Purchases in the last 7 and 28 days, and in the 28 days before these. */
  readonly sold7: number
  readonly sold28: number
  readonly soldBefore28: number
  /** Users who bought it for the first time within the last horizon. */
  readonly newBuyers: number
  /** Smoothed share of visits by owners at which they bought it again, lately. */
  readonly rebuyRate: number
  /** Smoothed share of buyers with two or more purchases. */
  readonly repeatRate: number
  readonly firstDay: number
  readonly lastDay: number
  /** Shrunk mean and deviation of the log gap between a user's purchases, in log days. */
  readonly meanLogGap: number
  readonly logGapDeviation: number
  /** Mean log price; NaN when no price is known. */
  readonly meanLogPrice: number
}

/** Half-lives of {@link ItemFacts}, in days. */
export const ITEM_HALF_LIVES = [7, 14, 30, 90] as const
/** Half-lives of first purchases, in days. */
export const FIRST_HALF_LIVES = [14, 30] as const
