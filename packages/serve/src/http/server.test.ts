import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeLifecycleArtifact } from '../../test/lifecycle-artifact.ts'
import { writeTinyArtifact } from '../../test/tiny-artifact.ts'
import { TINY_CUSTOMERS } from '../../test/tiny-customers.ts'
import { Recommender } from '../recommender.ts'
import { createServer } from './server.ts'

const history = [
  { itemId: 'tea', timestamp: '2026-01-12T09:00:00Z' },
  { itemId: 'pan', timestamp: '2026-01-22T09:00:00+01:00' },
]
const asOf = '2026-02-01T12:00:00.000Z'

let recommender: Recommender
let app: FastifyInstance
beforeAll(async () => {
  recommender = await Recommender.load(await writeTinyArtifact())
  app = await createServer(recommender)
})
afterAll(async () => {
  await app.close()
  await recommender.close()
})

const post = (path: string, payload: object, to = app) =>
  to.inject({ method: 'POST', url: path, payload })

describe('POST /v1/recommendations', () => {
  test('answers what the recommender answers, nothing lost on the way', async () => {
    const request = {
      history: [...history, { itemId: 'hat', timestamp: '2026-01-22T09:00:00Z' }],
      asOf,
      k: 5,
      exclude: ['soap', 'coat'],
      filter: {
        not: {
          all: [
            { field: 'price', min: 45 },
            { field: 'itemId', in: ['pot'] },
          ],
        },
      },
    } as const
    const response = await post('/v1/recommendations', request)
    expect(response.statusCode).toBe(200)
    const { recommendationId, ...body } = response.json()
    const { recommendationId: _, ...expected } = await recommender.recommend(request)
    expect(body).toEqual(expected)
    expect(body.items).toHaveLength(4)
    expect(recommendationId).toMatch(/\.model\.[0-9a-f-]{36}$/)
  })

  test('answers a user never seen with what is popular, and says so', async () => {
    const response = await post('/v1/recommendations', { userId: 'nobody', asOf })
    const { recommendationId: _, ...body } = response.json()
    const { recommendationId: __, ...expected } = await recommender.recommend({
      userId: 'nobody',
      asOf,
    })
    expect(body).toEqual(expected)
    expect(body).toMatchObject({ path: 'popular', note: expect.stringContaining('popularity') })
  })

  test.each<[object, string]>([
    [{ userId: 'u', k: 0 }, 'body/k'],
    [{ userId: 'u', k: '5' }, 'body/k'],
    [{ userId: 7 }, 'body/userId'],
    [{ userId: 'u', colour: 'red' }, 'colour'],
    [{ userId: 'u', history }, '`userId`'],
    [{ history: [{ itemId: 'tea' }] }, "body/history/0 must have required property 'timestamp'"],
    [{ history: [{ itemId: 'tea', timestamp: 'soon' }] }, 'body/history/0/timestamp'],
    [{ userId: 'u', exclude: 'tea' }, 'body/exclude'],
    [{ userId: 'u', filter: { field: 'price', mim: 3 } }, 'mim'],
    [{ userId: 'u', filter: { all: [{ field: 'colour', in: 'red' }] } }, '`filter.all[0].in`'],
    [{ userId: 'u', filter: { field: 'price', min: 3, max: 2 } }, '`filter.min`'],
  ])('refuses %j with 400 and names the field', async (body, field) => {
    const response = await post('/v1/recommendations', body)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(field),
    })
  })

  test('refuses a filter nested deeper than filters may be with 400', async () => {
    const depth = 20
    const filter = `${'{"not":'.repeat(depth)}{"field":"price","max":3}${'}'.repeat(depth)}`
    const response = await app.inject({
      method: 'POST',
      url: '/v1/recommendations',
      headers: { 'content-type': 'application/json' },
      payload: `{"userId":"u","filter":${filter}}`,
    })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('8 levels'),
    })
  })

  test('refuses a body that is no JSON', async () => {
    const headers = { 'content-type': 'application/json' }
    const response = await app.inject({
      method: 'POST',
      url: '/v1/recommendations',
      headers,
      payload: '{',
    })
    expect(response.statusCode).toBe(400)
    expect(response.json().code).toBe('INVALID_INPUT')
  })
})

describe('POST /v1/events', () => {
  test('makes a user known', async () => {
    const events = history.map((event, i) => ({ userId: 'ann', eventId: `e${i}`, ...event }))
    const recorded = await post('/v1/events', { events })
    expect(recorded.statusCode).toBe(200)
    expect(recorded.json()).toEqual({
      accepted: 2,
      duplicates: 0,
      tooOld: 0,
      withoutConsent: 0,
      unknownItemIds: [],
    })
    const response = await post('/v1/recommendations', { userId: 'ann', asOf })
    expect(response.json()).toMatchObject({ path: 'model', history: { used: 2 } })
  })

  test.each<[object, string]>([
    [{}, "'userId'"],
    [{ events: [] }, 'body/events'],
    [{ events: [{ itemId: 'tea', timestamp: asOf }] }, "'userId'"],
    [
      { events: [{ userId: 'u', itemId: 'tea', timestamp: asOf, quantity: 0 }] },
      'body/events/0/quantity',
    ],
    [{ events: [{ userId: 'u', itemId: 'tea', timestamp: asOf, price: 3 }] }, 'price'],
  ])('refuses %j with 400 and names the field', async (body, field) => {
    const response = await post('/v1/events', body)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(field),
    })
  })
})

describe('GET /v1/users/{userId}/recommendations', () => {
  test('answers as the same question in a body', async () => {
    const events = history.map((event) => ({ userId: 'bob', ...event }))
    await post('/v1/events', { events })
    const query = `k=2&exclude=tea&exclude=pan&explain=false&asOf=${asOf}`
    const response = await app.inject(`/v1/users/bob/recommendations?${query}`)
    const { recommendationId: _, ...body } = response.json()
    const { recommendationId: __, ...expected } = await recommender.recommend({
      userId: 'bob',
      k: 2,
      exclude: ['tea', 'pan'],
      explain: false,
      asOf,
    })
    expect(body).toEqual(expected)
    expect(body.items).toHaveLength(2)
  })

  test.each([
    ['k=0', 'querystring/k'],
    ['k=two', 'querystring/k'],
    ['k=1e1', 'querystring/k'],
    ['k=1&k=2', 'querystring/k'],
    ['explain=yes', 'querystring/explain'],
    ['asOf=soon', 'querystring/asOf'],
    ['limit=5', "got 'limit'"],
  ])('refuses ?%s and names the field', async (query, field) => {
    const response = await app.inject(`/v1/users/bob/recommendations?${query}`)
    expect(response.statusCode).toBe(400)
    expect(response.json().message).toContain(field)
  })
})

describe('POST /v1/model/reload', () => {
  test('loads the folder again, and keeps the old model when the folder is not sound', async () => {
    const folder = await writeTinyArtifact()
    const own = await Recommender.load(folder)
    const server = await createServer(own)
    const reload = () => server.inject({ method: 'POST', url: '/v1/model/reload' })
    const { modelVersion } = own
    expect((await reload()).json()).toEqual({ modelVersion, previousModelVersion: modelVersion })
    await appendFile(join(folder, 'items.arrow'), 'x')
    const refused = await reload()
    expect(refused.statusCode).toBe(500)
    expect(refused.json().code).toBe('BAD_ARTIFACT')
    const answer = await post('/v1/recommendations', { history, asOf }, server)
    expect(answer.json()).toMatchObject({ modelVersion, path: 'model' })
    await server.close()
    await own.close()
  })
})

describe('GET /healthz', () => {
  test('says what is being served', async () => {
    const response = await app.inject('/healthz')
    expect(response.json()).toEqual({
      status: 'ok',
      modelVersion: recommender.modelVersion,
      index: { kind: 'exact-float32' },
      numItems: 6,
    })
  })
})

describe('POST /v1/customers/describe', () => {
  test('answers what the recommender answers, nothing lost on the way', async () => {
    const known = await Recommender.load(
      await writeLifecycleArtifact({ customers: TINY_CUSTOMERS }),
    )
    const server = await createServer(known)
    for (const request of [
      { history: [...history, { itemId: 'hat', timestamp: '2026-01-22T09:00:00Z' }], asOf },
      { history, asOf, maxRepeats: 1 },
      { userId: 'nobody', asOf },
    ]) {
      const response = await post('/v1/customers/describe', request, server)
      expect(response.statusCode).toBe(200)
      expect(response.json()).toEqual(await known.describeCustomer(request))
    }
    await server.close()
    await known.close()
  })

  test.each<[object, string]>([
    [{ userId: 'u', maxRepeats: -1 }, 'body/maxRepeats'],
    [{ userId: 'u', k: 5 }, "got 'k'"],
    [{ userId: 'u', history }, '`userId`'],
  ])('refuses %j', async (request, part) => {
    const response = await post('/v1/customers/describe', request)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(part),
    })
  })
})

describe('createServer', () => {
  test('shows pages that describe it', async () => {
    const page = await app.inject('/docs')
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
    const script = /src="(\/docs\/static\/[^"]+\.js)"/.exec(page.body)?.[1] as string
    expect((await app.inject(script)).statusCode).toBe(200)
  })

  test('tells browsers what not to do with an answer', async () => {
    const { headers } = await app.inject('/v2')
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('x-powered-by')
  })

  test('answers an unknown path with 404 and a code', async () => {
    const response = await app.inject('/v2/recommendations')
    expect(response.statusCode).toBe(404)
    expect(response.json().code).toBe('NOT_FOUND')
  })

  test('refuses a body above bodyLimit', async () => {
    const small = await createServer(recommender, { bodyLimit: 100 })
    const response = await post('/v1/recommendations', { history: [...history, ...history] }, small)
    expect(response.statusCode).toBe(413)
    expect(response.json().code).toBe('INVALID_INPUT')
    await small.close()
  })

  test('answers 503 once the recommender is closed', async () => {
    const closed = await Recommender.load(await writeTinyArtifact())
    const server = await createServer(closed)
    await closed.close()
    const response = await post('/v1/recommendations', { userId: 'u' }, server)
    expect(response.statusCode).toBe(503)
    expect(response.json().code).toBe('ENGINE_UNAVAILABLE')
    await server.close()
  })
})
