import type {
  PolicyCounts,
  Ranking,
  RankingPolicy,
  Reason,
  RelaxedConstraint,
  SkippedPromotion,
} from '@perennial/core'
import type { PurchaseForecast } from './lifecycle/rank-candidates.ts'

/** One purchase of a history. */
export interface HistoryEvent {
  readonly itemId: string
  /** When it was bought: RFC 3339 with an offset, for example `2026-01-31T18:30:00Z`. */
  readonly timestamp: string
  /** Units bought, above 0. @defaultValue 1 */
  readonly quantity?: number | undefined
}

/** One purchase of a known user. */
export interface UserEvent extends HistoryEvent {
  readonly userId: string
  /** The sender's id of the event: sent again for the same user, it is stored once. */
  readonly eventId?: string | undefined
  /** False when the user did not agree to be remembered: the event is not stored and counts nowhere. @defaultValue true */
  readonly consent?: boolean | undefined
}

/** What {@link Recommender.recommend} answers: for whom, how many, out of which items. */
export interface RecommendRequest extends RankingPolicy {
  /** Whose stored events to use. Either this or `history`. */
  readonly userId?: string | undefined
  /** The purchases to use, in any order; nothing is stored. Either this or `userId`. */
  readonly history?: readonly HistoryEvent[] | undefined
  /**
   * False when the user did not agree to be remembered: `userId` is not looked at then, `history` alone is used (both or
   * neither may be given), and nothing is kept. @defaultValue true
   */
  readonly consent?: boolean | undefined
  /** Most items wanted, `1..1000`. @defaultValue 10 */
  readonly k?: number | undefined
  /** The time of the question, RFC 3339; later events are left out. @defaultValue now */
  readonly asOf?: string | undefined
  /** Whether each item says why it is there; leave-one-out reasons encode up to 10 more histories. @defaultValue true */
  readonly explain?: boolean | undefined
  /** Whether items stay in that a durable in the history speaks against for now. @defaultValue false */
  readonly includeSuppressed?: boolean | undefined
}

/** One recommended item. */
export interface Recommendation {
  readonly itemId: string
  /** 1-based place in the list. */
  readonly rank: number
  /** Higher is better; comparable within one list only. `null` for a promoted item that was not ranked. */
  readonly score: number | null
  readonly title?: string
  /** Last known price, in the currency of the training data. */
  readonly price?: number
  /** Units at hand, where the shop said so. */
  readonly stock?: number
  /** When price and stock were known to be so, RFC 3339 in UTC; absent without either. */
  readonly priceAsOf?: string
  /** True when that is longer ago than the limit set at load. */
  readonly isStale?: true
  /** True for an item that the request asked for at its place. */
  readonly isPromoted?: true
  /** Main reason; absent when the request set `explain` to false. */
  readonly reason?: Reason
  /** Further reasons that hold. */
  readonly alsoReasons?: readonly Reason[]
  /** When the customer is expected to buy it; absent where too little data was there to learn that. */
  readonly forecast?: PurchaseForecast
  /** False for an item without events in training: its vector was derived, not learned. */
  readonly trained: boolean
}

/** The answer to one {@link RecommendRequest}: the items, and how they were found. */
export interface RecommendResponse {
  /** Names this answer, for feedback to refer to. */
  readonly recommendationId: string
  readonly modelVersion: string
  /** `model`: ranked for this customer. `popular`: the same for everyone, for the cause in `note`. */
  readonly path: 'model' | 'popular'
  /** What ranked the list where the path is `model`: what earned its place on validation. */
  readonly ranking?: Ranking
  /** The time of the question, RFC 3339 in UTC. */
  readonly asOf: string
  /** Best first; fewer than `k` when fewer are allowed. */
  readonly items: readonly Recommendation[]
  readonly history: {
    /** Events that the network saw. */
    readonly used: number
    /** Older events beyond the network's length; they still count as repeats. */
    readonly truncated: number
    /** Events after `asOf`, left out. */
    readonly later: number
    /** Distinct ids that the model does not know; their events are left out. */
    readonly unknownItemIds: readonly string[]
  }
  readonly candidates: {
    /** Items of the catalogue. */
    readonly considered: number
    readonly afterExclude: number
    /** Items of those that the shop can sell: active, in stock, and not stale where stale items are dropped. */
    readonly available: number
    /** Items left after `exclude`, what can be sold, and `filter`. */
    readonly afterFilter: number
    /** Items of those left out because of a durable in the history; 0 with `includeSuppressed`. */
    readonly suppressed: number
    /** Items that were ranked for this customer; the policy chose among them. */
    readonly ranked: number
    /** How many of them each step of the policy left. */
    readonly policy: PolicyCounts
    /** Ids in `exclude` that the model does not know. */
    readonly unknownExcluded: number
  }
  /** Constraints that were given up for want of items, in the order in which that happened; none with `strict`. */
  readonly relaxed: readonly RelaxedConstraint[]
  /** Promoted items that are not in the list, and why; absent when there are none. */
  readonly skippedPromotions?: readonly SkippedPromotion[]
  /** Whether stored events of the user could be used; see {@link RecommendRequest.consent}. */
  readonly consent: boolean
  /** Why the path is not `model`. */
  readonly note?: string
}

/** What became of recorded events. */
export interface RecordResult {
  readonly accepted: number
  /** Events whose `eventId` was stored before. */
  readonly duplicates: number
  /** Events older than what the store keeps of the user. */
  readonly tooOld: number
  /** Events not stored for want of consent. */
  readonly withoutConsent: number
  /** Distinct ids that the model does not know; their events are stored all the same. */
  readonly unknownItemIds: readonly string[]
}
