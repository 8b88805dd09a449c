import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import Schema from 'typebox/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type PerennialClient, PerennialHttpError } from '../src/client/index.ts'
import { OPERATIONS, type OperationId } from '../src/client/operations.ts'
import { createApiKey } from '../src/http/api-keys.ts'
import { startTestServer, type TestServer } from './http-server.ts'
import {
  type DescribedOperation,
  type OpenApiDocument,
  operationsOf,
} from './openapi-operations.ts'

const { key, entry } = createApiKey('shop', ['read', 'write', 'admin'])
const asOf = '2026-02-01T12:00:00.000Z'
const userId = 'ann/../ü?#%'

let server: TestServer
let document: OpenApiDocument
let operations: ReadonlyMap<string, DescribedOperation>
const sent: Request[] = []
let client: PerennialClient
beforeAll(async () => {
  server = await startTestServer({ listen: true, keys: [entry] })
  document = (await server.app.inject('/docs/json')).json()
  operations = new Map(
    operationsOf(document).map((operation) => [operation.operationId, operation]),
  )
  client = createClient({
    baseUrl: `${server.url}/`,
    apiKey: key,
    fetch: (input, init) => {
      sent.push(new Request(input, init))
      return fetch(input, init)
    },
  })
})
afterAll(() => server.close())

/** One call of each method, in an order in which each finds what it needs. */
const CALLS: Readonly<Record<OperationId, (to: PerennialClient) => Promise<unknown>>> = {
  readHealth: (to) => to.readHealth(),
  readReadiness: (to) => to.readReadiness(),
  recordEvents: (to) =>
    to.recordEvents([
      { userId, itemId: 'tea', timestamp: '2026-01-12T09:00:00Z', eventId: 'e1' },
      { userId, itemId: 'pan', timestamp: '2026-01-22T09:00:00Z', quantity: 2 },
    ]),
  recommend: (to) => to.recommend({ userId, asOf, k: 3, filter: { field: 'price', max: 60 } }),
  recommendBatch: (to) =>
    to.recommendBatch([
      { userId, asOf },
      { history: [], asOf, k: 1 },
    ]),
  recommendToUser: (to) =>
    to.recommendToUser(userId, { k: 2, exclude: ['tea', 'a,b&c'], explain: false, asOf }),
  describeCustomer: (to) => to.describeCustomer({ userId, asOf, maxRepeats: 1 }),
  describeUser: (to) => to.describeUser(userId, { asOf, maxRepeats: 2 }),
  similarItems: (to) => to.similarItems({ itemId: 'tea', k: 2, exclude: ['milk'] }),
  similarToItem: (to) => to.similarToItem('tea', { k: 2, exclude: ['milk'] }),
  updateItems: (to) =>
    to.updateItems([{ itemId: 'tea', price: 6, stock: 3, attributes: { brand: 'Leaf' } }]),
  recordFeedback: async (to) => {
    const { recommendationId } = await to.recommend({ userId, asOf })
    return to.recordFeedback({ recommendationId, items: [{ itemId: 'tea', outcome: 'clicked' }] })
  },
  mergeUsers: (to) => to.mergeUsers({ fromUserId: 'guest', intoUserId: userId }),
  eraseUser: (to) => to.eraseUser(userId),
  reloadModel: (to) => to.reloadModel(),
  compactStore: (to) => to.compactStore(),
  readMetrics: (to) => to.readMetrics(),
}

describe('the client and the OpenAPI document', () => {
  test('have the same operations, by name, method and path', () => {
    const documented = [...operations.values()].map(({ operationId, method, path }) => [
      operationId,
      { method, path },
    ])
    expect(Object.fromEntries(documented)).toEqual(OPERATIONS)
    expect(Object.keys(client).sort()).toEqual(Object.keys(OPERATIONS).sort())
  })

  test.each(Object.entries(CALLS))(
    '%s sends and returns what the document says',
    async (operationId, call) => {
      sent.length = 0
      const returned = await call(client)
      const {
        method,
        path,
        requestBody,
        parameters = [],
        media,
      } = operations.get(operationId) as DescribedOperation
      const request = sent.at(-1) as Request
      expect(request.method).toBe(method)
      const { pathname, searchParams } = new URL(request.url)
      const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`)
      expect(pathname).toMatch(pattern)
      if (path.includes('{userId}')) {
        expect(decodeURIComponent(pattern.exec(pathname)?.[1] as string)).toBe(userId)
      }
      const known = parameters.filter((parameter) => parameter.in === 'query')
      for (const name of searchParams.keys()) {
        expect(known.map((parameter) => parameter.name)).toContain(name)
      }
      const schemaOf = (where: string): object => ({
        ...media.find((described) => described.where === where)?.schema,
        components: document.components,
      })
      if (requestBody === undefined) expect(request.body).toBeNull()
      else expect(Schema.Errors(schemaOf('request'), await request.json())[1]).toEqual([])
      const body = operationId === 'recommendBatch' ? { responses: returned } : returned
      expect(Schema.Errors(schemaOf('200'), body)[1]).toEqual([])
    },
  )
})

describe('createClient', () => {
  test('returns what the recommender answers in process', async () => {
    const request = { history: [{ itemId: 'tea', timestamp: '2026-01-12T09:00:00Z' }], asOf, k: 4 }
    const { recommendationId: _, ...overHttp } = await client.recommend(request)
    const { recommendationId: __, ...inProcess } = await server.recommender.recommend(request)
    expect(overHttp).toEqual(inProcess)
  })

  test('throws what the server says of an error', async () => {
    const error = await client.recommend({ k: 0, userId: 'u' }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(PerennialHttpError)
    expect(error).toMatchObject({
      status: 400,
      code: 'INVALID_INPUT',
      message: 'body/k must be >= 1',
    })
  })

  test('throws UNAUTHORIZED without a key', async () => {
    const stranger = createClient({ baseUrl: server.url })
    await expect(stranger.readMetrics()).rejects.toMatchObject({
      status: 401,
      code: 'UNAUTHORIZED',
    })
    expect((await stranger.readHealth()).status).toBe('ok')
  })

  test('says how long to wait after too many requests', async () => {
    const { app, close } = await startTestServer({ rateLimit: { max: 1, windowMs: 30_000 } })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const hasty = createClient({ baseUrl: url })
    await hasty.readMetrics()
    const error = await hasty.readMetrics().catch((thrown) => thrown)
    expect(error).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
    expect(error.retryAfterSeconds).toBeGreaterThan(20)
    await close()
  })

  test('calls what is no error of Perennial unreadable', async () => {
    const elsewhere = createClient({ baseUrl: `${server.url}/docs/static` })
    await expect(elsewhere.readHealth()).rejects.toMatchObject({ status: 404 })
    const proxy = createHttpServer((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>')
    })
    const behind = createClient({ baseUrl: await listen(proxy) })
    await expect(behind.readHealth()).rejects.toMatchObject({ status: 502, code: 'UNREADABLE' })
    proxy.close()
  })

  test('gives up in time, and when told to', async () => {
    const silent = createTcpServer(() => undefined)
    const impatient = createClient({ baseUrl: await listen(silent), timeoutMs: 50 })
    await expect(impatient.readHealth()).rejects.toMatchObject({ name: 'TimeoutError' })
    const signal = AbortSignal.abort(new Error('no longer wanted'))
    await expect(impatient.readHealth({ signal })).rejects.toThrow('no longer wanted')
    silent.close()
  })
})

/** Makes a server listen on a free port; returns its address. */
async function listen(other: Server): Promise<string> {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`
}
