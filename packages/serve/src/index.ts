export { type ErrorCode, type Filter, type Reason, RecommenderError } from '@perennial/core'
export type {
  CustomerDescription,
  DescribeCustomerRequest,
  ExpectedRepeat,
} from './customer-description.ts'
export {
  createOnnxEncoder,
  type OnnxEncoder,
  type OnnxEncoderOptions,
} from './encoder/onnx-encoder.ts'
export {
  FEEDBACK_OUTCOMES,
  type Feedback,
  type FeedbackOutcome,
  type FeedbackResult,
} from './feedback.ts'
export {
  connectRedisHistoryStore,
  type RedisHistoryStoreOptions,
} from './history/connect-redis-history-store.ts'
export type { HistoryStoreOptions } from './history/history-options.ts'
export type {
  AppendResult,
  HistoryLimits,
  HistoryStatistics,
  HistoryStore,
  StoredEvent,
  UserHistory,
} from './history/history-store.ts'
export { createMemoryHistoryStore } from './history/memory-history-store.ts'
export {
  type LmdbHistoryStoreOptions,
  openLmdbHistoryStore,
} from './history/open-lmdb-history-store.ts'
export { type ApiKeyEntry, createApiKey, type RateLimit, readApiKeys } from './http/api-keys.ts'
export { type CloseOptions, closeServer } from './http/drain.ts'
export { ERROR_STATUS } from './http/error-status.ts'
export { createServerMetrics, type ServerMetrics } from './http/metrics.ts'
export type { MergeUsersRequest, RecommenderPort } from './http/recommender-port.ts'
export type { LogTarget } from './http/request-log.ts'
export { SCOPES, type Scope } from './http/scopes.ts'
export { createServer } from './http/server.ts'
export type { ServerOptions, ServerTimeouts } from './http/server-options.ts'
export type { ItemUpdate, ItemUpdateResult } from './item-update.ts'
export type { ItemStore, ItemStoreChanges, StoredItem } from './items/item-store.ts'
export { type LmdbItemStoreOptions, openLmdbItemStore } from './items/lmdb-item-store.ts'
export { createMemoryItemStore } from './items/memory-item-store.ts'
export { connectRedisItemStore, type RedisItemStoreOptions } from './items/redis-item-store.ts'
export { openStores, type Stores } from './open-stores.ts'
export type {
  HistoryEvent,
  Recommendation,
  RecommendRequest,
  RecommendResponse,
  RecordResult,
  UserEvent,
} from './recommendation.ts'
export { type LoadOptions, Recommender } from './recommender.ts'
export type { RecommenderStatistics } from './recommender-statistics.ts'
export { type ChooseIndexOptions, chooseIndex } from './retrieval/choose-index.ts'
export type { VectorIndex, VectorIndexKind } from './retrieval/vector-index.ts'
export type { SimilarItemsRequest, SimilarItemsResponse } from './similar-items.ts'
export { type RunningServer, type StartOptions, startServer } from './start-server.ts'
export type { OnTiming, Stage } from './timing.ts'
export type { ErasureReceipt, MergeReceipt } from './user-erasure.ts'
