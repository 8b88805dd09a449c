import type { WorkloadRequest } from './create-workload.ts'
import type { HttpAnswer, HttpPool } from './open-http-pool.ts'

/** Options of {@link createHttpSender}. */
export interface HttpSenderOptions {
  readonly k: number
  readonly explain: boolean
}

/** Returns a function that sends workload requests over HTTP and rejects unless the status is 200. */
export function createHttpSender(
  pool: Pick<HttpPool, 'request'>,
  { k, explain }: HttpSenderOptions,
): (request: WorkloadRequest) => Promise<HttpAnswer> {
  return async (request) => {
    const answer =
      request.kind === 'read'
        ? await pool.request(
            'POST',
            '/v1/recommendations',
            JSON.stringify({ userId: request.userId, k, explain }),
          )
        : await pool.request('POST', '/v1/events', JSON.stringify(toEvent(request)))
    if (answer.status === 200) return answer
    throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`)
  }
}

/** Returns the event of a write as the API takes it, bought now. */
export function toEvent({ userId, itemId, eventId }: Extract<WorkloadRequest, { kind: 'write' }>): {
  readonly userId: string
  readonly itemId: string
  readonly timestamp: string
  readonly eventId: string
} {
  return { userId, itemId, timestamp: new Date().toISOString(), eventId }
}
