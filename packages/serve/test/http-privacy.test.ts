import { RecommenderError } from '@perennial/core'
import { expect, test } from 'vitest'
import { startTestServer } from './http-server.ts'

const SECRETS = ['secret', 'sécret', '10.1.2.3', '%73ecret']
const userId = 'secret-user-7f3a'
const asOf = '2026-02-01T12:00:00Z'

test('neither the log nor the metrics hold an id, a body, a query string, an address or a key', async () => {
  const lines: string[] = []
  const { app, close } = await startTestServer({ logTo: { write: (line) => lines.push(line) } })
  const requests: { method?: string; url: string; payload?: object | string }[] = [
    { url: `/v1/users/${userId}` },
    { url: `/v1/users/${userId}?asOf=secret` },
    { url: `/v1/users/%73ecret%zz` },
    { url: `/v1/users/${'secret'.repeat(600)}` },
    { url: `/v1/users/${userId}/recommendations?k=secret&exclude=secret` },
    { url: `/v1/items/secret-item/similar` },
    { url: '/secret/path' },
    { method: 'POST', url: '/v1/recommendations?secret=1', payload: { userId, asOf } },
    { method: 'POST', url: '/v1/recommendations', payload: { userId, k: 'secret' } },
    { method: 'POST', url: '/v1/recommendations', payload: '{"userId":"secret' },
    {
      method: 'POST',
      url: '/v1/events',
      payload: { userId, itemId: 'secret-item', timestamp: asOf, eventId: 'sécret' },
    },
    { method: 'POST', url: '/v1/events', payload: { userId, itemId: 'x', timestamp: 'secret' } },
    { method: 'POST', url: '/v1/users/merge', payload: { fromUserId: userId, intoUserId: 'x' } },
    { method: 'POST', url: '/v1/feedback', payload: { recommendationId: 'secret', items: [] } },
    { method: 'DELETE', url: `/v1/users/${userId}` },
  ]
  for (const { method = 'GET', url, payload } of requests) {
    await app.inject({
      method: method as 'GET',
      url,
      remoteAddress: '10.1.2.3',
      headers: {
        'user-agent': 'secret',
        'x-request-id': 'secret',
        authorization: 'Bearer secret',
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(payload === undefined ? {} : { payload }),
    })
  }
  const metrics = (await app.inject('/metrics')).body
  await close()
  const log = lines.join('')
  expect(lines.length).toBeGreaterThan(requests.length - 3)
  expect(log).toContain('"route":"/v1/users/:userId"')
  expect(metrics).toContain('route="/v1/users/:userId"')
  for (const secret of SECRETS) {
    expect(log).not.toContain(secret)
    expect(metrics).not.toContain(secret)
  }
})

test('an error of the server is told to the log by its place, and to the caller not at all', async () => {
  const lines: string[] = []
  const { app, close } = await startTestServer({ logTo: { write: (line) => lines.push(line) } })
  app.get('/failing/:userId', { config: { scope: 'read' } }, async ({ params }) => {
    throw new TypeError(`no place for ${(params as { userId: string }).userId}`, {
      cause: new RecommenderError('BAD_ARTIFACT', 'Expected `items.arrow` to be whole.'),
    })
  })
  const response = await app.inject(`/failing/${userId}`)
  await close()
  expect(response.statusCode).toBe(500)
  expect(response.json()).toEqual({
    code: 'INTERNAL',
    message: 'internal: The request failed; the log says why.',
  })
  const logged = lines.map((line) => JSON.parse(line)).find(({ err }) => err !== undefined)
  expect(logged.err).toMatchObject({
    name: 'TypeError',
    frames: expect.arrayContaining([expect.stringContaining('http-privacy.test.ts')]),
    cause: { name: 'RecommenderError', message: 'Expected `items.arrow` to be whole.' },
  })
  expect(lines.join('')).not.toContain(userId)
})
