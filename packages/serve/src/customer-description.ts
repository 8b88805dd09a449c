import type { CategoryOutlook, LifecycleStage } from '@perennial/core'
import type { PurchaseForecast } from './lifecycle/rank-candidates.ts'
import type { HistoryEvent, RecommendRequest, RecommendResponse } from './recommendation.ts'

/** What {@link Recommender.describeCustomer} answers: about whom, and when. */
export interface DescribeCustomerRequest extends Pick<RecommendRequest, 'userId' | 'asOf'> {
  /** The purchases to use, in any order; nothing is stored. Either this or `userId`. */
  readonly history?: readonly HistoryEvent[] | undefined
  /** Most repeats wanted, `0..1000`. @defaultValue 10 */
  readonly maxRepeats?: number | undefined
}

/** An item that the customer bought before, and when he is expected to buy it again. */
export interface ExpectedRepeat {
  readonly itemId: string
  readonly title?: string
  /** Last price that training knew. */
  readonly price?: number
  /** Distinct UTC days on which he bought it. */
  readonly timesBought: number
  readonly daysSinceLast: number
  readonly forecast: PurchaseForecast
}

/** The answer to one {@link DescribeCustomerRequest}: where a customer stands and what to expect of him. */
export interface CustomerDescription {
  readonly modelVersion: string
  /** The time of the question, RFC 3339 in UTC. */
  readonly asOf: string
  /** Days up to `asOf` on which he bought something. */
  readonly visits: number
  /** Absent for a customer without a visit, as is all that follows but for `notes`. */
  readonly daysSinceLastVisit?: number
  /** Where he stands by his own cadence; this and the next three are absent where nobody came back in training. */
  readonly stage?: LifecycleStage
  /** Days between his visits, drawn towards those of the shop while he has few. */
  readonly typicalGapDays?: number
  /** What is expected within 28 days. */
  readonly expected?: {
    readonly visits: number
    /** In the currency of the training data; absent where values are not modelled. */
    readonly value?: number
  }
  /** Probability that he buys anything at all. */
  readonly buys?: {
    readonly within7Days: number
    readonly within28Days: number
    readonly within90Days: number
  }
  /** Probability to buy in each category within 28 days; absent, as `repeats`, where no network was trained. */
  readonly categories?: CategoryOutlook
  /** His own items, those most probably bought within 28 days first. */
  readonly repeats?: readonly ExpectedRepeat[]
  readonly history: Pick<RecommendResponse['history'], 'later' | 'unknownItemIds'>
  /** A sentence for each thing that is not known. */
  readonly notes: readonly string[]
}
