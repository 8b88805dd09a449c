/** Method and path of each operation, as the OpenAPI document has them; `{userId}` stands for an id. */
export const OPERATIONS = {
  recommend: { method: 'POST', path: '/v1/recommendations' },
  recommendBatch: { method: 'POST', path: '/v1/recommendations/batch' },
  recommendToUser: { method: 'GET', path: '/v1/users/{userId}/recommendations' },
  recordEvents: { method: 'POST', path: '/v1/events' },
  recordFeedback: { method: 'POST', path: '/v1/feedback' },
  describeCustomer: { method: 'POST', path: '/v1/customers/describe' },
  describeUser: { method: 'GET', path: '/v1/users/{userId}' },
  eraseUser: { method: 'DELETE', path: '/v1/users/{userId}' },
  mergeUsers: { method: 'POST', path: '/v1/users/merge' },
  similarItems: { method: 'POST', path: '/v1/items/similar' },
  similarToItem: { method: 'GET', path: '/v1/items/{itemId}/similar' },
  updateItems: { method: 'PUT', path: '/v1/items' },
  reloadModel: { method: 'POST', path: '/v1/model/reload' },
  compactStore: { method: 'POST', path: '/v1/store/compact' },
  readHealth: { method: 'GET', path: '/healthz' },
  readReadiness: { method: 'GET', path: '/readyz' },
  readMetrics: { method: 'GET', path: '/metrics' },
} as const

/** Name of an operation, its `operationId`. */
export type OperationId = keyof typeof OPERATIONS
