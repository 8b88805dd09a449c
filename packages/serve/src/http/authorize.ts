import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ApiKeyEntry, createApiKeyFinder } from './api-keys.ts'
import { HttpError } from './http-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that was presented; null on public routes and on a server without keys. */
    apiKey: ApiKeyEntry | null
  }
}

const BEARER = /^bearer +(\S+)$/i

/**
 * Makes the server refuse a request unless its key has the scope of its route.
 *
 * A route without a scope cannot be added.
 *
 * @param keys - Without any, every request is let through.
 */
export function requireScopes(app: FastifyInstance, keys: readonly ApiKeyEntry[]): void {
  app.decorateRequest('apiKey', null)
  app.addHook('onRoute', (route) => {
    // The pages of the documentation are added by their plugin.
    if (isDocumentation(route.url)) route.config = { ...route.config, scope: 'public' }
    if (route.config?.scope === undefined) {
      throw new Error(`internal: The route ${route.url} has no scope.`)
    }
  })
  if (keys.length === 0) return
  const findKey = createApiKeyFinder(keys)
  app.addHook('onRequest', async (request, reply) => {
    const { scope } = request.routeOptions.config
    if (scope === 'public' || request.is404) return
    const key = readKey(request)
    const entry = key === undefined ? undefined : findKey(key)
    if (entry === undefined) {
      reply.header('www-authenticate', 'Bearer')
      throw new HttpError(
        'UNAUTHORIZED',
        'Expected the header `authorization: Bearer <key>` with a key that the server knows.',
      )
    }
    request.apiKey = entry
    if (scope === undefined || !entry.scopes.includes(scope)) {
      throw new HttpError('FORBIDDEN', `Expected a key with the scope \`${scope}\`.`)
    }
  })
}

function isDocumentation(url: string): boolean {
  return url === '/docs' || url.startsWith('/docs/')
}

function readKey({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1]
}
