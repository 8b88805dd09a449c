import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

const ANSWERS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'Expected a whole request in time.'],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'Expected a request with a smaller head.',
  ],
}
const MALFORMED = ['400 Bad Request', 'Expected a request of HTTP/1.1.'] as const

/** Answers a connection whose bytes made no request, and closes it. */
export function refuseConnection(
  this: FastifyInstance,
  error: NodeJS.ErrnoException,
  socket: Socket,
): void {
  const { code = '' } = error
  if (code === 'ECONNRESET' || socket.destroyed) return
  this.log.info({ code }, 'refused a connection')
  const [status, message] = ANSWERS[code] ?? MALFORMED
  const body = JSON.stringify({
    code: code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'TIMEOUT' : 'INVALID_INPUT',
    message,
  })
  if (socket.writable && socket.bytesWritten === 0) {
    socket.write(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }
  socket.destroySoon()
}
