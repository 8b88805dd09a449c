import { createRng } from '@perennial/core'
import { createServer, Recommender, type RecommendRequest } from '@perennial/serve'
import { LOG_END_MS } from '../generate-log.ts'
import type { Subject } from '../subject.ts'
import { createZipf } from '../zipf.ts'
import type { Percentiles } from './latency-histogram.ts'
import { type ClosedLoopOptions, runClosedLoop } from './run-closed-loop.ts'

const K = 10
const REQUEST_TIMEOUT_MS = 10_000

/** Times of whole recommendations by one way of asking. */
export interface RequestTimes extends Percentiles {
  readonly transport: 'in-process' | 'http'
  /** Whether each item says why it is there. */
  readonly reasons: boolean
}

/** Times of whole recommendations, and the index they were found in. */
export interface MeasuredRequests {
  readonly index: Recommender['index']
  readonly requests: readonly RequestTimes[]
}

/** Options of {@link measureRequests}. */
export interface MeasureRequestsOptions extends ClosedLoopOptions {
  readonly seed: number
  readonly onStage?: ((text: string) => void) | undefined
}

/**
 * Measures whole recommendations of 10 items to known users, in this process and over HTTP on the loopback
 * address, with and without reasons.
 *
 * Every loop asks for the same users, drawn by Zipf's law. The server and the direct calls share one
 * loaded model. Client and server share one process too, so HTTP times hold the work of both.
 */
export async function measureRequests(
  { artifactFolder, datasetFolder, events }: Subject,
  options: MeasureRequestsOptions,
): Promise<MeasuredRequests> {
  const { seed, signal, onStage } = options
  onStage?.('  loading the recommender')
  const recommender = await Recommender.load(artifactFolder, { dataset: datasetFolder, signal })
  const app = await createServer(recommender)
  try {
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const transports = {
      'in-process': (request: RecommendRequest) => recommender.recommend(request),
      http: (request: RecommendRequest) => post(`${url}/v1/recommendations`, request),
    }
    const requests: RequestTimes[] = []
    for (const transport of ['in-process', 'http'] as const) {
      for (const reasons of [true, false]) {
        onStage?.(`  whole recommendation, ${transport}, ${reasons ? 'with' : 'no'} reasons`)
        const drawUser = createZipf(events.userIds.length, { rng: createRng(seed, 0x757372) })
        const times = await runClosedLoop(
          () =>
            transports[transport]({
              userId: events.userIds[drawUser()],
              k: K,
              asOf: new Date(LOG_END_MS).toISOString(),
              explain: reasons,
            }),
          options,
        )
        requests.push({ transport, reasons, ...times })
      }
    }
    return { index: recommender.index, requests }
  } finally {
    await app.close()
    await recommender.close()
  }
}

/** `fetch` keeps the connection for the next call. */
async function post(url: string, body: RecommendRequest): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    // The caller's signal would gather a listener a request; the loop looks at it between requests.
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`internal: ${response.status} ${await response.text()}`)
  return response.json()
}
