import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { checkFilter, RecommenderError } from '@perennial/core'
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify'
import { pino } from 'pino'
import { ERROR_STATUS } from './error-status.ts'
import {
  categoryOutlookSchema,
  customerDescriptionSchema,
  describeCustomerRequestSchema,
} from './http-customer-schemas.ts'
import {
  errorSchema,
  eventsSchema,
  filterSchema,
  healthSchema,
  recommendRequestSchema,
  recommendResponseSchema,
  recordResultSchema,
} from './http-schemas.ts'
import type { RecommendRequest } from './recommendation.ts'
import type { Recommender } from './recommender.ts'

/** Options of {@link createServer}. */
export interface ServerOptions {
  /** Largest request body, in bytes. @defaultValue 1048576 */
  readonly bodyLimit?: number | undefined
  /** Where log lines go, one JSON object each; they hold no body, no query string and no address. @defaultValue nowhere */
  readonly logTo?: { write(line: string): void } | undefined
}

/** Version of the HTTP API, in paths and in the OpenAPI document. */
const API_VERSION = '1.0.0'

/**
 * Creates a Fastify server that answers from `recommender`; it does not listen yet, and closing it leaves
 * the recommender open.
 *
 * Routes: `POST /v1/events`, `POST /v1/recommendations`, `POST /v1/customers/describe`, `GET /healthz`, `GET /docs` (OpenAPI 3.1; the
 * document itself is `/docs/json`). Errors have the body `{ code, message }`.
 */
export async function createServer(
  recommender: Recommender,
  { bodyLimit = 1_048_576, logTo }: ServerOptions = {},
): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit,
    loggerInstance: createLogger(logTo),
    // A value of the wrong type is the caller's mistake, not something to convert or drop.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setErrorHandler<FastifyError | RecommenderError>((error, request, reply) => {
    const { status, code, message } = describeError(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    return reply.status(status).send({ code, message })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ code: 'NOT_FOUND', message: 'Expected a path listed at /docs.' }),
  )
  app.addSchema(filterSchema)
  app.addSchema(categoryOutlookSchema)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Perennial',
        description: 'What each customer will want, and why.',
        version: API_VERSION,
      },
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, i) => String($id ?? `schema-${i}`),
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })

  app.post(
    '/v1/events',
    {
      schema: {
        summary: 'Record purchases',
        body: eventsSchema,
        response: { 200: recordResultSchema, '4xx': errorSchema, '5xx': errorSchema },
      },
    },
    async ({ body }) => recommender.recordEvents(body.events),
  )
  app.post(
    '/v1/recommendations',
    {
      schema: {
        summary: 'Recommend items to a user, or for a history',
        body: recommendRequestSchema,
        response: { 200: recommendResponseSchema, '4xx': errorSchema, '5xx': errorSchema },
      },
      // By hand first: a failed `anyOf` complains of every branch, and the schema follows any depth into the stack.
      preValidation: async ({ body }) => {
        const filter: unknown = (body as Partial<RecommendRequest> | null)?.filter
        if (filter !== undefined) checkFilter(filter)
      },
    },
    async ({ body }) => recommender.recommend(body),
  )
  app.post(
    '/v1/customers/describe',
    {
      schema: {
        summary: 'Say where a customer stands and what to expect',
        body: describeCustomerRequestSchema,
        response: { 200: customerDescriptionSchema, '4xx': errorSchema, '5xx': errorSchema },
      },
    },
    async ({ body }) => recommender.describeCustomer(body),
  )
  app.get(
    '/healthz',
    { schema: { summary: 'Say what is being served', response: { 200: healthSchema } } },
    async () => {
      const { modelVersion, index } = recommender
      const { kind, note, numItems } = index
      return {
        status: 'ok' as const,
        modelVersion,
        index: { kind, ...(note === undefined ? {} : { note }) },
        numItems,
      }
    },
  )
  return app
}

function createLogger(logTo: ServerOptions['logTo']): FastifyBaseLogger {
  const serializers = {
    // The default would log the caller's address, and a query string may hold anything.
    req: ({ method, url }: FastifyRequest) => ({ method, path: url.split('?', 1)[0] }),
  }
  return logTo === undefined ? pino({ enabled: false }) : pino({ serializers }, logTo)
}

function describeError(error: FastifyError | RecommenderError): {
  status: number
  code: string
  message: string
} {
  if (error instanceof RecommenderError) {
    return { status: ERROR_STATUS[error.code], code: error.code, message: error.message }
  }
  if (error.validation !== undefined) {
    const extra = error.validation[0]?.params.additionalProperty
    const message = extra === undefined ? error.message : `${error.message}, got '${extra}'`
    return { status: 400, code: 'INVALID_INPUT', message }
  }
  const status = error.statusCode ?? 500
  if (status < 500) return { status, code: 'INVALID_INPUT', message: error.message }
  return {
    status: 500,
    code: 'INTERNAL',
    message: 'internal: The request failed; the log says why.',
  }
}
