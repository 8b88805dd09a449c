import { checkFilter } from '@perennial/core'
import { untilClosed } from '../answer-time.ts'
import type { HttpApp } from '../http-app.ts'
import { readQuery } from '../read-query.ts'
import type { RecommenderPort } from '../recommender-port.ts'
import {
  recommendBatchResponseSchema,
  recommendResponseSchema,
} from '../schemas/recommendation-response-schemas.ts'
import {
  recommendBatchSchema,
  recommendQuerySchema,
  recommendRequestSchema,
} from '../schemas/recommendation-schemas.ts'
import { userParamsSchema } from '../schemas/shared-schemas.ts'

/** Adds the routes that recommend items to users. */
export function addRecommendationRoutes(app: HttpApp, recommender: RecommenderPort): void {
  app.post(
    '/v1/recommendations',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'recommend',
        tags: ['recommendations'],
        summary: 'Recommend items to a user, or for a history',
        body: recommendRequestSchema,
        response: { 200: recommendResponseSchema },
      },
      preValidation: async ({ body }) => checkFilterOf(body),
    },
    async ({ body }) => recommender.recommend(body),
  )
  app.post(
    '/v1/recommendations/batch',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'recommendBatch',
        tags: ['recommendations'],
        summary: 'Answer many requests at once',
        body: recommendBatchSchema,
        response: { 200: recommendBatchResponseSchema },
      },
      preValidation: async ({ body }) => {
        const requests: unknown = (body as { readonly requests?: unknown } | null)?.requests
        if (Array.isArray(requests)) requests.forEach(checkFilterOf)
      },
    },
    async ({ body }, reply) => ({
      responses: await recommender.recommendBatch(body.requests, { signal: untilClosed(reply) }),
    }),
  )
  app.get(
    '/v1/users/:userId/recommendations',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'recommendToUser',
        tags: ['recommendations'],
        summary: 'Recommend items to a user',
        params: userParamsSchema,
        querystring: recommendQuerySchema,
        response: { 200: recommendResponseSchema },
      },
      preValidation: readQuery,
    },
    async ({ params, query }) => recommender.recommend({ ...query, userId: params.userId }),
  )
}

/** By hand before the schema, as a failed `anyOf` complains of every branch. */
export function checkFilterOf(body: unknown): void {
  const filter = (body as { readonly filter?: unknown } | null)?.filter
  if (filter !== undefined) checkFilter(filter)
}
