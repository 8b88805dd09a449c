import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKey } from '../src/http/api-keys.ts'
import { SCOPES, type Scope } from '../src/http/scopes.ts'
import { createServer } from '../src/http/server.ts'
import { startTestServer, type TestServer } from './http-server.ts'
import { operationsOf } from './openapi-operations.ts'

const keys = {
  read: createApiKey('reader', ['read']),
  write: createApiKey('writer', ['write']),
  admin: createApiKey('keeper', ['admin']),
}
const entries = Object.values(keys).map(({ entry }) => entry)
const bearer = (key: string): { authorization: string } => ({ authorization: `Bearer ${key}` })

/** Every route of the API with the scope that it is to need. */
const ROUTES: readonly (readonly [string, string, Scope | 'public'])[] = [
  ['POST', '/v1/recommendations', 'read'],
  ['POST', '/v1/recommendations/batch', 'read'],
  ['GET', '/v1/users/u/recommendations', 'read'],
  ['GET', '/v1/users/u', 'read'],
  ['POST', '/v1/customers/describe', 'read'],
  ['GET', '/v1/items/tea/similar', 'read'],
  ['POST', '/v1/items/similar', 'read'],
  ['GET', '/metrics', 'read'],
  ['POST', '/v1/events', 'write'],
  ['POST', '/v1/feedback', 'write'],
  ['POST', '/v1/users/merge', 'write'],
  ['PUT', '/v1/items', 'write'],
  ['DELETE', '/v1/users/u', 'admin'],
  ['POST', '/v1/model/reload', 'admin'],
  ['POST', '/v1/store/compact', 'admin'],
  ['GET', '/healthz', 'public'],
  ['GET', '/readyz', 'public'],
  ['GET', '/docs/json', 'public'],
]

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ keys: entries })
})
afterAll(() => server.close())

const ask = (method: string, url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ method: method as 'GET', url, headers })

describe('scopes', () => {
  test.each(ROUTES)('%s %s needs %s and nothing else will do', async (method, url, scope) => {
    const without = await ask(method, url)
    if (scope === 'public') {
      expect(without.statusCode).toBe(200)
      return
    }
    expect(without.statusCode).toBe(401)
    expect(without.json()).toEqual({ code: 'UNAUTHORIZED', message: expect.any(String) })
    expect(without.headers['www-authenticate']).toBe('Bearer')
    for (const held of SCOPES) {
      const { statusCode } = await ask(method, url, bearer(keys[held].key))
      if (held === scope) expect([401, 403]).not.toContain(statusCode)
      else expect(statusCode).toBe(403)
    }
  })

  test('the list above has every operation of the document, with the scope written there', async () => {
    const document = (await server.app.inject('/docs/json')).json()
    const documented = operationsOf(document).map(
      ({ method, path, security }) => `${method} ${path} ${security[0]?.apiKey[0] ?? 'public'}`,
    )
    const listed = ROUTES.filter(([, url]) => url !== '/docs/json').map(
      ([method, url, scope]) =>
        `${method} ${url.replace('/users/u', '/users/{userId}').replace('/tea/', '/{itemId}/')} ${scope}`,
    )
    expect(listed.sort()).toEqual(documented.sort())
  })

  test('a route without a scope cannot be added', async () => {
    const other = await createServer(server.recommender)
    expect(() => other.get('/v1/anything', async () => 'x')).toThrow(
      'internal: The route /v1/anything has no scope.',
    )
    await other.close()
  })

  test.each([
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    `Basic ${keys.read.key}`,
    keys.read.key,
    `Bearer ${keys.read.key}x`,
    `Bearer ${keys.read.entry.sha256}`,
    `Bearer ${keys.read.key} ${keys.read.key}`,
  ])('refuses `%s`', async (authorization) => {
    expect((await ask('GET', '/metrics', { authorization })).statusCode).toBe(401)
  })

  test('an unknown path is 404 with and without a key', async () => {
    expect((await ask('GET', '/v2/x')).statusCode).toBe(404)
    expect((await ask('GET', '/v2/x', bearer(keys.read.key))).statusCode).toBe(404)
  })
})

describe('rate limits', () => {
  test('count by key, answer 429 with the time to wait, and leave public routes alone', async () => {
    const limited = createApiKey('limited', ['read']).entry
    const own = { ...limited, rateLimit: { max: 2, windowMs: 60_000 } }
    const { key, entry } = createApiKey('free', ['read'])
    const limitedKey = createApiKey('small', ['read'])
    const { app, close } = await startTestServer({
      keys: [own, entry, { ...limitedKey.entry, rateLimit: { max: 2, windowMs: 60_000 } }],
      rateLimit: { max: 4, windowMs: 60_000 },
    })
    const statusesOf = async (presented: string, url: string): Promise<number[]> => {
      const statuses: number[] = []
      for (let i = 0; i < 6; i++) {
        statuses.push((await app.inject({ url, headers: bearer(presented) })).statusCode)
      }
      return statuses
    }
    expect(await statusesOf(limitedKey.key, '/metrics')).toEqual([200, 200, 429, 429, 429, 429])
    expect(await statusesOf(key, '/metrics')).toEqual([200, 200, 200, 200, 429, 429])
    expect(await statusesOf(key, '/healthz')).toEqual([200, 200, 200, 200, 200, 200])
    const refused = await app.inject({ url: '/metrics', headers: bearer(key) })
    expect(refused.json()).toEqual({ code: 'RATE_LIMITED', message: expect.any(String) })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
    await close()
  })

  test('count by address on a server without keys', async () => {
    const { app, close } = await startTestServer({ rateLimit: { max: 1, windowMs: 60_000 } })
    expect((await app.inject('/metrics')).statusCode).toBe(200)
    expect((await app.inject('/metrics')).statusCode).toBe(429)
    const other = await app.inject({ url: '/metrics', remoteAddress: '10.0.0.2' })
    expect(other.statusCode).toBe(200)
    await close()
  })

  test('believe x-forwarded-for of a trusted proxy alone', async () => {
    const statusesOf = async (trustProxy: readonly string[] | undefined): Promise<number[]> => {
      const { app, close } = await startTestServer({
        rateLimit: { max: 1, windowMs: 60_000 },
        trustProxy,
      })
      const statuses: number[] = []
      for (const address of ['10.0.0.2', '10.0.0.3']) {
        const headers = { 'x-forwarded-for': address }
        statuses.push((await app.inject({ url: '/metrics', headers })).statusCode)
      }
      await close()
      return statuses
    }
    expect(await statusesOf(['127.0.0.1'])).toEqual([200, 200])
    expect(await statusesOf(undefined)).toEqual([200, 429])
  })
})
