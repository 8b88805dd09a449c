import type { HttpApp } from '../http-app.ts'
import { HttpError } from '../http-error.ts'
import type { ServerMetrics } from '../metrics.ts'
import type { RecommenderPort } from '../recommender-port.ts'
import {
  compactResultSchema,
  healthSchema,
  metricsSchema,
  readinessSchema,
  reloadResultSchema,
} from '../schemas/server-schemas.ts'

/** Adds the routes about the server itself. */
export function addServerRoutes(
  app: HttpApp,
  recommender: RecommenderPort,
  { metrics, isReady }: { readonly metrics: ServerMetrics; readonly isReady: () => boolean },
): void {
  app.get(
    '/healthz',
    {
      config: { scope: 'public' },
      schema: {
        operationId: 'readHealth',
        tags: ['server'],
        summary: 'Say what is being served',
        response: { 200: healthSchema },
      },
    },
    async () => {
      const { modelVersion, index } = recommender
      const { kind, numItems } = index
      return {
        status: 'ok' as const,
        modelVersion,
        index: { kind },
        numItems,
      }
    },
  )
  app.get(
    '/readyz',
    {
      config: { scope: 'public' },
      schema: {
        operationId: 'readReadiness',
        tags: ['server'],
        summary: 'Say whether requests are taken',
        response: { 200: readinessSchema },
      },
    },
    async () => {
      if (!isReady()) throw new HttpError('NOT_READY', 'Expected a server that takes requests.')
      return { status: 'ready' as const }
    },
  )
  app.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'readMetrics',
        tags: ['server'],
        summary: 'Measure the server, in the text form of Prometheus',
        response: { 200: metricsSchema },
      },
    },
    async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.render(recommender.statistics())),
  )
  app.post(
    '/v1/model/reload',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'reloadModel',
        tags: ['server'],
        summary: 'Load the artifact folder again; the old model stays if the new one is not sound',
        response: { 200: reloadResultSchema },
      },
    },
    async () => recommender.reload(),
  )
  app.post(
    '/v1/store/compact',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'compactStore',
        tags: ['server'],
        summary:
          'Rewrite the files of the store, so that nothing of what was erased is left in them',
        response: { 200: compactResultSchema },
      },
    },
    async () => {
      const startMs = performance.now()
      await recommender.compact()
      return { seconds: (performance.now() - startMs) / 1000 }
    },
  )
}
