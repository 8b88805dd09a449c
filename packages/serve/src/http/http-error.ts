import { RecommenderError } from '@perennial/core'
import type { FastifyError } from 'fastify'
import { ERROR_STATUS } from './error-status.ts'

/** Codes of errors that HTTP adds to those of the library, with their status. */
export const HTTP_ERROR_STATUS = {
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  NOT_READY: 503,
  TIMEOUT: 503,
} as const

/** One of the codes of {@link HTTP_ERROR_STATUS}. */
export type HttpErrorCode = keyof typeof HTTP_ERROR_STATUS

/** An error of the HTTP layer itself, for the caller to read. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode
  readonly statusCode: number

  constructor(code: HttpErrorCode, message: string) {
    super(message)
    this.code = code
    this.statusCode = HTTP_ERROR_STATUS[code]
  }
}

/** What the caller is told of an error. */
export interface ErrorAnswer {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** Fastify's own would quote the whole address. */
const FIXED_MESSAGES: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: 'Expected a path whose percent signs encode UTF-8.',
  FST_ERR_MAX_PARAM_LENGTH: 'Expected an id of 256 characters or fewer in the path.',
}

/** Returns what the caller is told of an error: all that he can put right, nothing of what he cannot. */
export function describeError(error: FastifyError | RecommenderError | HttpError): ErrorAnswer {
  if (error instanceof RecommenderError) {
    return { status: ERROR_STATUS[error.code], code: error.code, message: error.message }
  }
  if (error instanceof HttpError) {
    return { status: error.statusCode, code: error.code, message: error.message }
  }
  const fixed = FIXED_MESSAGES[error.code]
  if (fixed !== undefined) {
    return { status: error.statusCode ?? 400, code: 'INVALID_INPUT', message: fixed }
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
