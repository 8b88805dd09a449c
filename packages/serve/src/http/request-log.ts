import { RecommenderError } from '@perennial/core'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { pino } from 'pino'

/** Where log lines go, one JSON object each. */
export interface LogTarget {
  write(line: string): void
}

/**
 * Creates a logger that cannot log who asked: errors lose their message unless it is one of Perennial's own for the
 * operator, requests and answers are reduced to method, route and status.
 */
export function createLogger(logTo: LogTarget | undefined): FastifyBaseLogger {
  if (logTo === undefined) return pino({ enabled: false })
  const serializers = { err: describeErrorForLog, req: describeRequest, res: describeReply }
  return pino({ serializers, base: null }, logTo)
}

/** Logs one line an answer: what was asked by its route's pattern, by whom by his key's name, and how it went. */
export function logAnswer(request: FastifyRequest, reply: FastifyReply): void {
  const { method } = request
  const durationMs = Math.round(reply.elapsedTime * 1000) / 1000
  const key = request.apiKey?.name
  request.log.info(
    { method, route: routeOf(request), status: reply.statusCode, durationMs, key },
    'answered',
  )
}

/** Returns the pattern of a request's route, never the address itself, which may hold ids. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched'
}

function describeRequest(request: FastifyRequest): object {
  return { method: request.method, route: routeOf(request) }
}

function describeReply(reply: FastifyReply): object {
  return { status: reply.statusCode }
}

/** A message of another library may quote what came in, so the place in the code has to do. */
function describeErrorForLog(error: Error & { readonly code?: unknown }): object {
  const { name, code, stack = '', cause } = error
  return {
    name,
    code,
    ...(error instanceof RecommenderError ? { message: error.message } : {}),
    frames: stack.split('\n').filter((line) => /^\s+at /.test(line)),
    ...(cause instanceof Error ? { cause: describeErrorForLog(cause) } : {}),
  }
}
