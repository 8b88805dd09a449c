import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiKey } from '../src/http/api-keys.ts'
import { createFuzzRandom } from './fuzz-random.ts'
import { createFuzzRequest, type FuzzRequest } from './fuzz-requests.ts'
import { startTestServer, type TestServer } from './http-server.ts'
import { type DescribedOperation, operationsOf } from './openapi-operations.ts'

const NUM_REQUESTS = 10_000
const { key, entry } = createApiKey('fuzz', ['read', 'write', 'admin'])

let server: TestServer
let operations: readonly DescribedOperation[]
beforeAll(async () => {
  server = await startTestServer({
    keys: [entry],
    listen: true,
    timeouts: { headMs: 300, requestMs: 300, keepAliveMs: 300 },
  })
  operations = operationsOf((await server.app.inject('/docs/json')).json())
})
afterAll(() => server.close())

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const heapBytes = (): number => {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

describe('malformed requests made from the OpenAPI document', () => {
  test(`${NUM_REQUESTS} of them: none fails the server, and memory stays flat`, {
    timeout: 180_000,
  }, async () => {
    const random = createFuzzRandom(20_260_201)
    // Loading the artifact is slow beside the rest, so one request in twenty of that operation is enough.
    const often = operations.filter(({ operationId }) => operationId !== 'reloadModel')
    const failures: object[] = []
    const numByClass = [0, 0, 0, 0, 0, 0]
    let warmBytes = 0
    for (let i = 0; i < NUM_REQUESTS; i++) {
      if (i === NUM_REQUESTS / 5) warmBytes = heapBytes()
      const operation = random.pick(random.next() < 0.003 ? operations : often)
      const request = createFuzzRequest(operation, { random, key })
      const { statusCode, body } = await inject(request)
      const statusClass = Math.floor(statusCode / 100)
      numByClass[statusClass] = (numByClass[statusClass] as number) + 1
      const isAnswered = statusCode < 400 || isErrorBody(body)
      if (statusCode >= 500 || !isAnswered) {
        const sent = request.body?.toString().slice(0, 500)
        failures.push({ i, ...request, body: sent, statusCode, answer: body.slice(0, 300) })
      }
    }
    expect(failures.slice(0, 5)).toEqual([])
    // Both what is right and what is wrong got in.
    expect(numByClass[2]).toBeGreaterThan(NUM_REQUESTS / 20)
    expect(numByClass[4]).toBeGreaterThan(NUM_REQUESTS / 3)
    expect(heapBytes() - warmBytes).toBeLessThan(8 * 1024 * 1024)
    const health = await server.app.inject('/healthz')
    expect(health.json()).toMatchObject({ status: 'ok' })
    expect({}).not.toHaveProperty('k')
  })

  test('300 with broken heads over sockets: none fails the server', async () => {
    const random = createFuzzRandom(7)
    const answers: string[] = []
    for (let i = 0; i < 300; i += 30) {
      const heads = Array.from({ length: 30 }, () => {
        const request = createFuzzRequest(random.pick(operations.slice(0, 8)), { random, key })
        const head = Buffer.from(writeRequest(request), 'latin1')
        const at = random.integer(0, Math.min(head.length - 1, 200))
        return random.pick([
          () => head.map((byte, p) => (Math.abs(p - at) < 3 ? random.integer(0, 255) : byte)),
          () => head.subarray(0, at),
          () => Buffer.concat([head.subarray(0, at), Buffer.from('\r\n\r\n'), head]),
          () => Buffer.concat([head.subarray(0, at), Buffer.alloc(30_000, 0x61)]),
          () => head,
        ])()
      })
      answers.push(...(await Promise.all(heads.map(sendBytes))))
    }
    const statuses = answers.flatMap((answer) =>
      [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1])),
    )
    expect(statuses.length).toBeGreaterThan(200)
    expect(statuses.filter((status) => status >= 500)).toEqual([])
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})

async function inject({ method, url, headers, body }: FuzzRequest) {
  return server.app.inject({
    method: method as 'GET',
    url,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  })
}

function isErrorBody(body: string): boolean {
  const { code, message } = JSON.parse(body) as { code?: unknown; message?: unknown }
  return typeof code === 'string' && typeof message === 'string'
}

function writeRequest({ method, url, headers, body = Buffer.alloc(0) }: FuzzRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [
    `${method} ${url} HTTP/1.1`,
    'connection: close',
    'host: x',
    `content-length: ${body.length}`,
    ...lines,
    '',
    body.toString('latin1'),
  ].join('\r\n')
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
function sendBytes(bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text
    })
    socket.on('error', () => undefined).on('close', () => resolve(answer))
    socket.write(bytes)
  })
}
