import type { CustomerDescription, DescribeCustomerRequest } from '../customer-description.ts'
import type { Feedback, FeedbackResult } from '../feedback.ts'
import type { MergeUsersRequest } from '../http/recommender-port.ts'
import type { CompactResult, Health } from '../http/schemas/server-schemas.ts'
import type { ItemUpdate, ItemUpdateResult } from '../item-update.ts'
import type {
  RecommendRequest,
  RecommendResponse,
  RecordResult,
  UserEvent,
} from '../recommendation.ts'
import type { ReloadResult } from '../recommender.ts'
import type { SimilarItemsRequest, SimilarItemsResponse } from '../similar-items.ts'
import type { ErasureReceipt, MergeReceipt } from '../user-erasure.ts'
import { type CallOptions, type ClientOptions, createSendRequest } from './send-request.ts'

/**
 * Asks a Perennial server; one method an operation, named as the OpenAPI document names it.
 *
 * Every method throws {@link PerennialHttpError} for an answer that is an error, `TimeoutError` when none came in time,
 * and what `fetch` throws when the server is not there.
 */
export interface PerennialClient {
  /** Recommends items to a user, or for a history. */
  recommend(request: RecommendRequest, options?: CallOptions): Promise<RecommendResponse>
  /** Answers many requests at once, in their order. */
  recommendBatch(
    requests: readonly RecommendRequest[],
    options?: CallOptions,
  ): Promise<readonly RecommendResponse[]>
  /** Recommends items to a user without a body, as a cache or a browser may ask. */
  recommendToUser(
    userId: string,
    options?: Pick<RecommendRequest, 'k' | 'exclude' | 'explain' | 'asOf'> & CallOptions,
  ): Promise<RecommendResponse>
  /** Records a purchase, or many. */
  recordEvents(
    events: UserEvent | readonly UserEvent[],
    options?: CallOptions,
  ): Promise<RecordResult>
  /** Says what became of recommended items. */
  recordFeedback(feedback: Feedback, options?: CallOptions): Promise<FeedbackResult>
  /** Says where a customer stands and what to expect. */
  describeCustomer(
    request: DescribeCustomerRequest,
    options?: CallOptions,
  ): Promise<CustomerDescription>
  /** Says where a user stands and what to expect. */
  describeUser(
    userId: string,
    options?: Pick<DescribeCustomerRequest, 'asOf' | 'maxRepeats'> & CallOptions,
  ): Promise<CustomerDescription>
  /** Erases a user. */
  eraseUser(userId: string, options?: CallOptions): Promise<ErasureReceipt>
  /** Moves the events of one user to another. */
  mergeUsers(request: MergeUsersRequest, options?: CallOptions): Promise<MergeReceipt>
  /** Finds items like one. */
  similarItems(request: SimilarItemsRequest, options?: CallOptions): Promise<SimilarItemsResponse>
  /** Finds items like one without a body. */
  similarToItem(
    itemId: string,
    options?: Pick<SimilarItemsRequest, 'k' | 'exclude'> & CallOptions,
  ): Promise<SimilarItemsResponse>
  /** Adds items or changes them. */
  updateItems(items: readonly ItemUpdate[], options?: CallOptions): Promise<ItemUpdateResult>
  /** Makes the server load its artifact folder again. */
  reloadModel(options?: CallOptions): Promise<ReloadResult>
  /** Makes the server rewrite the files of its store, so that nothing of what was erased is left in them. */
  compactStore(options?: CallOptions): Promise<CompactResult>
  /** Says what is being served. */
  readHealth(options?: CallOptions): Promise<Health>
  /** Says whether requests are taken; throws with code `NOT_READY` when not. */
  readReadiness(options?: CallOptions): Promise<{ readonly status: 'ready' }>
  /** Returns the metrics in the text form of Prometheus. */
  readMetrics(options?: CallOptions): Promise<string>
}

/**
 * Creates a client of a Perennial server. It keeps no connection and no state.
 *
 * @example
 * const client = createClient({ baseUrl: 'http://127.0.0.1:8080', apiKey })
 * const { items } = await client.recommend({ userId: 'C0007', k: 5 })
 */
export function createClient(options: ClientOptions): PerennialClient {
  const send = createSendRequest(options)
  return {
    recommend: (body, call) => send('recommend', { ...call, body }),
    recommendBatch: async (requests, call) => {
      const body = { requests }
      const answer = await send<{ readonly responses: readonly RecommendResponse[] }>(
        'recommendBatch',
        { ...call, body },
      )
      return answer.responses
    },
    recommendToUser: (userId, { signal, ...query } = {}) =>
      send('recommendToUser', { signal, params: { userId }, query }),
    recordEvents: (events, call) =>
      send('recordEvents', { ...call, body: Array.isArray(events) ? { events } : events }),
    recordFeedback: (body, call) => send('recordFeedback', { ...call, body }),
    describeCustomer: (body, call) => send('describeCustomer', { ...call, body }),
    describeUser: (userId, { signal, ...query } = {}) =>
      send('describeUser', { signal, params: { userId }, query }),
    eraseUser: (userId, call) => send('eraseUser', { ...call, params: { userId } }),
    mergeUsers: (body, call) => send('mergeUsers', { ...call, body }),
    similarItems: (body, call) => send('similarItems', { ...call, body }),
    similarToItem: (itemId, { signal, ...query } = {}) =>
      send('similarToItem', { signal, params: { itemId }, query }),
    updateItems: (items, call) => send('updateItems', { ...call, body: { items } }),
    reloadModel: (call) => send('reloadModel', call),
    compactStore: (call) => send('compactStore', call),
    readHealth: (call) => send('readHealth', call),
    readReadiness: (call) => send('readReadiness', call),
    readMetrics: (call) => send('readMetrics', call),
  }
}
