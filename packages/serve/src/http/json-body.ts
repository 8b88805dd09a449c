import { isUtf8 } from 'node:buffer'
import { RecommenderError } from '@perennial/core'
import type { FastifyInstance } from 'fastify'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Makes the server read bodies of `application/json` alone: valid UTF-8, at most `maxDepth` levels, without the keys
 * `__proto__` and `constructor.prototype`.
 */
export function readJsonBodies(app: FastifyInstance, maxDepth: number): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    if (!isUtf8(bytes)) return done(refuse('valid UTF-8', 'something else'))
    if (!isNestedWithin(bytes, maxDepth)) {
      return done(refuse(`nested ${maxDepth} levels or fewer`, 'more'))
    }
    return parse(request, bytes.toString(), done)
  })
}

/**
 * Returns whether JSON text opens at most `maxDepth` objects and lists within one another.
 *
 * @param bytes - UTF-8; what is no JSON is judged all the same, as the parser is to refuse it.
 */
export function isNestedWithin(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (inString) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    // `[` and `{` differ by one bit, and so do `]` and `}`.
    else if ((byte & 0xdf) === 0x5b) {
      if (++depth > maxDepth) return false
    } else if ((byte & 0xdf) === 0x5d) depth--
  }
  return true
}

function refuse(expected: string, got: string): RecommenderError {
  return new RecommenderError('INVALID_INPUT', `Expected the body to be ${expected}, got ${got}.`)
}
