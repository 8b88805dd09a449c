import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import type { RateLimit } from './api-keys.ts'
import { HttpError } from './http-error.ts'

/**
 * Makes the server refuse requests above a limit, counted by key; public routes are not counted.
 *
 * @param fallback - The limit of keys without one of their own. On a server without keys it counts by address, and
 * without it nothing is counted there.
 */
export async function limitRates(
  app: FastifyInstance,
  fallback: RateLimit | undefined,
): Promise<void> {
  await app.register(rateLimit, {
    keyGenerator: ({ apiKey, ip }) => apiKey?.name ?? ip,
    max: ({ apiKey }) => (apiKey?.rateLimit ?? fallback)?.max ?? Infinity,
    timeWindow: ({ apiKey }) => (apiKey?.rateLimit ?? fallback)?.windowMs ?? 1,
    allowList: ({ apiKey, routeOptions }) =>
      routeOptions.config.scope === 'public' || (apiKey?.rateLimit ?? fallback) === undefined,
    errorResponseBuilder: (_request, { max, ttl }) =>
      new HttpError(
        'RATE_LIMITED',
        `Expected ${max} requests or fewer in a window, got more. Try again in ${Math.ceil(ttl / 1000)} s.`,
      ),
  })
}
