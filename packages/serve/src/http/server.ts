import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify'
import { limitAnswerTime } from './answer-time.ts'
import { requireScopes } from './authorize.ts'
import { addDrain } from './drain.ts'
import type { HttpApp } from './http-app.ts'
import { describeError, HttpError } from './http-error.ts'
import { HTTP_LIMITS } from './http-limits.ts'
import { readJsonBodies } from './json-body.ts'
import { createServerMetrics } from './metrics.ts'
import { describeRoutes } from './openapi.ts'
import { limitRates } from './rate-limits.ts'
import type { RecommenderPort } from './recommender-port.ts'
import { refuseConnection } from './refuse-connection.ts'
import { createLogger, logAnswer } from './request-log.ts'
import { addEventRoutes } from './routes/event-routes.ts'
import { addFeedbackRoutes } from './routes/feedback-routes.ts'
import { addItemRoutes } from './routes/item-routes.ts'
import { addRecommendationRoutes } from './routes/recommendation-routes.ts'
import { addServerRoutes } from './routes/server-routes.ts'
import { addUserRoutes } from './routes/user-routes.ts'
import { addSecureHeaders } from './secure-headers.ts'
import { readTimeouts, type ServerOptions } from './server-options.ts'

/**
 * Creates a Fastify server that answers from `recommender`; it does not listen yet, and closing it leaves
 * the recommender open.
 *
 * The routes are described at `/docs` (OpenAPI 3.1; the document itself is `/docs/json`). Errors have the body
 * `{ code, message }`.
 *
 * @throws {@link RecommenderError} `INVALID_OPTION` naming the option.
 */
export async function createServer(
  recommender: RecommenderPort,
  options: ServerOptions = {},
): Promise<FastifyInstance> {
  const { keys = [], rateLimit, metrics = createServerMetrics() } = options
  const app = createApp(options)
  const drain = addDrain(app)

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { status } = describeError(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    return sendError(error, reply)
  })
  app.setNotFoundHandler((_request, reply) =>
    sendError(new HttpError('NOT_FOUND', 'Expected a path listed at /docs.'), reply),
  )
  app.setSchemaErrorFormatter((errors, part) => {
    // Of a choice by `if`, what is wrong with the chosen one says all.
    const parts = errors.filter(({ keyword }) => keyword !== 'if')
    return new Error(parts.map((e) => `${part}${e.instancePath} ${e.message}`).join(', '))
  })
  app.addHook('onResponse', async (request, reply) => {
    metrics.observeAnswer(request, reply)
    logAnswer(request, reply)
  })
  readJsonBodies(app, HTTP_LIMITS.maxDepth)
  addSecureHeaders(app)
  requireScopes(app, keys)
  await limitRates(app, rateLimit)
  await describeRoutes(app)

  addRecommendationRoutes(app, recommender)
  addEventRoutes(app, recommender)
  addUserRoutes(app, recommender)
  addItemRoutes(app, recommender)
  addFeedbackRoutes(app, recommender)
  addServerRoutes(app, recommender, { metrics, isReady: () => !drain.isDraining })
  return app
}

function createApp({
  bodyLimit = 1_048_576,
  logTo,
  timeouts = {},
  tls,
  trustProxy,
}: ServerOptions): HttpApp {
  const { headMs, requestMs, answerMs, silenceMs, keepAliveMs } = readTimeouts(timeouts)
  const socketOptions = {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(5000, Math.ceil(headMs / 4)),
    maxHeaderSize: HTTP_LIMITS.maxHeadBytes,
  }
  const app = fastify({
    bodyLimit,
    loggerInstance: createLogger(logTo),
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestMs,
    connectionTimeout: silenceMs,
    keepAliveTimeout: keepAliveMs,
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    routerOptions: { maxParamLength: HTTP_LIMITS.maxPathPart },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => {
      void sendError(error, reply as FastifyReply)
    },
    // A value of the wrong type is the caller's mistake, not something to convert or drop; the library knows the defaults.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    ...(tls === undefined ? { http: socketOptions } : { https: { ...tls, ...socketOptions } }),
  })
  limitAnswerTime(app as unknown as HttpApp, answerMs)
  return app as unknown as HttpApp
}

function sendError(error: Parameters<typeof describeError>[0], reply: FastifyReply): FastifyReply {
  const { status, code, message } = describeError(error)
  return reply.status(status).send({ code, message })
}
