import type { HttpApp } from '../http-app.ts'
import { readQuery } from '../read-query.ts'
import type { RecommenderPort } from '../recommender-port.ts'
import {
  itemUpdateResultSchema,
  itemUpdatesSchema,
  similarItemsQuerySchema,
  similarItemsRequestSchema,
  similarItemsResponseSchema,
} from '../schemas/item-schemas.ts'
import { itemParamsSchema } from '../schemas/shared-schemas.ts'
import { checkFilterOf } from './recommendation-routes.ts'

/** Adds the routes about items: what is like one, and what a shop says of them now. */
export function addItemRoutes(app: HttpApp, recommender: RecommenderPort): void {
  app.get(
    '/v1/items/:itemId/similar',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'similarToItem',
        tags: ['items'],
        summary: 'Find items like one',
        params: itemParamsSchema,
        querystring: similarItemsQuerySchema,
        response: { 200: similarItemsResponseSchema },
      },
      preValidation: readQuery,
    },
    async ({ params, query }) => recommender.similarItems({ ...query, itemId: params.itemId }),
  )
  app.post(
    '/v1/items/similar',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'similarItems',
        tags: ['items'],
        summary: 'Find items like one that meet a filter',
        body: similarItemsRequestSchema,
        response: { 200: similarItemsResponseSchema },
      },
      preValidation: async ({ body }) => checkFilterOf(body),
    },
    async ({ body }) => recommender.similarItems(body),
  )
  app.put(
    '/v1/items',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'updateItems',
        tags: ['items'],
        summary: 'Add items or change price, stock and other fields',
        body: itemUpdatesSchema,
        response: { 200: itemUpdateResultSchema },
      },
    },
    async ({ body }) => recommender.updateItems(body.items),
  )
}
