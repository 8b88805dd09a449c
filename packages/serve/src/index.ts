export type { Filter, Reason } from '@perennial/core'
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
  type AddResult,
  createMemoryHistoryStore,
  type HistoryStore,
  type MemoryHistoryStoreOptions,
  type StoredEvent,
} from './history-store.ts'
export type {
  HistoryEvent,
  Recommendation,
  RecommendRequest,
  RecommendResponse,
  RecordResult,
  UserEvent,
} from './recommendation.ts'
export { type LoadOptions, Recommender } from './recommender.ts'
export { createHnswIndex, type HnswIndexOptions } from './retrieval/hnsw-index.ts'
export { createServer, type ServerOptions } from './server.ts'
export { type RunningServer, type StartOptions, startServer } from './start-server.ts'
