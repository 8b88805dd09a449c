import type { HttpApp } from '../http-app.ts'
import { readQuery } from '../read-query.ts'
import type { RecommenderPort } from '../recommender-port.ts'
import {
  customerDescriptionSchema,
  describeCustomerRequestSchema,
  describeQuerySchema,
} from '../schemas/customer-schemas.ts'
import { userParamsSchema } from '../schemas/shared-schemas.ts'
import {
  erasureReceiptSchema,
  mergeReceiptSchema,
  mergeRequestSchema,
} from '../schemas/user-schemas.ts'

/** Adds the routes about users: where one stands, forgetting one, and two that turn out to be one. */
export function addUserRoutes(app: HttpApp, recommender: RecommenderPort): void {
  app.get(
    '/v1/users/:userId',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'describeUser',
        tags: ['users'],
        summary: 'Say where a user stands and what to expect',
        params: userParamsSchema,
        querystring: describeQuerySchema,
        response: { 200: customerDescriptionSchema },
      },
      preValidation: readQuery,
    },
    async ({ params, query }) => recommender.describeCustomer({ ...query, userId: params.userId }),
  )
  app.post(
    '/v1/customers/describe',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'describeCustomer',
        tags: ['users'],
        summary: 'Say where a customer stands and what to expect',
        body: describeCustomerRequestSchema,
        response: { 200: customerDescriptionSchema },
      },
    },
    async ({ body }) => recommender.describeCustomer(body),
  )
  app.delete(
    '/v1/users/:userId',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'eraseUser',
        tags: ['users'],
        summary: 'Erase a user, with a receipt',
        params: userParamsSchema,
        response: { 200: erasureReceiptSchema },
      },
    },
    async ({ params }) => recommender.eraseUser(params.userId),
  )
  app.post(
    '/v1/users/merge',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'mergeUsers',
        tags: ['users'],
        summary: 'Move the events of one user to another',
        body: mergeRequestSchema,
        response: { 200: mergeReceiptSchema },
      },
    },
    async ({ body }) => recommender.mergeUsers(body),
  )
}
