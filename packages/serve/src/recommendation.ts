import type { Filter, Ranking, Reason } from '@perennial/core'
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
}

/** What {@link Recommender.recommend} answers: for whom, how many, out of which items. */
export interface RecommendRequest {
  /** Whose stored events to use. Either this or `history`. */
  readonly userId?: string | undefined
  /** The purchases to use, in any order; nothing is stored. Either this or `userId`. */
  readonly history?: readonly HistoryEvent[] | undefined
  /** Most items wanted, `1..1000`. @defaultValue 10 */
  readonly k?: number | undefined
  /** Item ids that must not be recommended. @defaultValue none */
  readonly exclude?: readonly string[] | undefined
  /** Which items may be recommended. @defaultValue all */
  readonly filter?: Filter | undefined
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
  /** Higher is better; comparable within one list only. */
  readonly score: number
  readonly title?: string
  /** Last price that training knew, in the currency of the training data. */
  readonly price?: number
  /** Absent when the request set `explain` to false. */
  readonly reason?: Reason
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
    /** Items left after `exclude` and `filter`. */
    readonly afterFilter: number
    /** Items of those left out because of a durable in the history; 0 with `includeSuppressed`. */
    readonly suppressed: number
    /** Ids in `exclude` that the model does not know. */
    readonly unknownExcluded: number
  }
  /** Why the path is not `model`. */
  readonly note?: string
}

/** What became of recorded events. */
export interface RecordResult {
  readonly accepted: number
  /** Events whose `eventId` was stored before. */
  readonly duplicates: number
  /** Events older than all that the user's full history holds. */
  readonly tooOld: number
  /** Distinct ids that the model does not know; their events are stored all the same. */
  readonly unknownItemIds: readonly string[]
}
