import type { CustomerDescription, DescribeCustomerRequest } from '../customer-description.ts'
import type { Feedback, FeedbackResult } from '../feedback.ts'
import type { ItemUpdate, ItemUpdateResult } from '../item-update.ts'
import type {
  RecommendRequest,
  RecommendResponse,
  RecordResult,
  UserEvent,
} from '../recommendation.ts'
import type { ReloadResult } from '../recommender.ts'
import type { RecommenderStatistics } from '../recommender-statistics.ts'
import type { SimilarItemsRequest, SimilarItemsResponse } from '../similar-items.ts'
import type { ErasureReceipt, MergeReceipt } from '../user-erasure.ts'

/** Which user becomes which. */
export interface MergeUsersRequest {
  readonly fromUserId: string
  readonly intoUserId: string
}

/** What the HTTP routes ask of a recommender. */
export interface RecommenderPort {
  readonly modelVersion: string
  readonly index: {
    readonly kind: string
    readonly numItems: number
  }
  recommend(request: RecommendRequest): Promise<RecommendResponse>
  recommendBatch(
    requests: readonly RecommendRequest[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<RecommendResponse[]>
  describeCustomer(request: DescribeCustomerRequest): Promise<CustomerDescription>
  recordEvents(events: readonly UserEvent[]): Promise<RecordResult>
  similarItems(request: SimilarItemsRequest): Promise<SimilarItemsResponse>
  updateItems(updates: readonly ItemUpdate[]): Promise<ItemUpdateResult>
  eraseUser(userId: string): Promise<ErasureReceipt>
  mergeUsers(request: MergeUsersRequest): Promise<MergeReceipt>
  recordFeedback(feedback: Feedback): Promise<FeedbackResult>
  reload(): Promise<ReloadResult>
  compact(): Promise<void>
  statistics(): RecommenderStatistics
}
