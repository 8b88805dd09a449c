import type { FastifyInstance, FastifyReply } from 'fastify'
import { HttpError } from './http-error.ts'

/**
 * Makes the server answer 503 where the work on an answer takes longer than `answerMs`, counted from when the request
 * is read and found sound.
 *
 * Fastify's `handlerTimeout` stops counting once a body has been read, so it does not do.
 */
export function limitAnswerTime(app: FastifyInstance, answerMs: number): void {
  app.addHook('preHandler', (_request, reply, done) => {
    const timer = setTimeout(() => {
      if (reply.sent) return
      reply.send(new HttpError('TIMEOUT', `Expected an answer within ${answerMs} ms, got none.`))
    }, answerMs)
    reply.raw.once('close', () => clearTimeout(timer))
    done()
  })
}

/**
 * Returns a signal that aborts once nobody waits for the answer: the caller is gone, or was told that it took too long.
 */
export function untilClosed(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  // Of the reply: a request closes as soon as its body has been read.
  reply.raw.once('close', () => controller.abort())
  return controller.signal
}
