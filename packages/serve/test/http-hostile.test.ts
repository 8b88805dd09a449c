import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './http-server.ts'

const HEAD =
  'POST /v1/recommendations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 16\r\n'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    listen: true,
    bodyLimit: 10_000,
    timeouts: { headMs: 400, requestMs: 800, silenceMs: 2000 },
  })
})
afterAll(() => server.close())

/** Sends `parts` with a pause between them until the server closes; returns what came back and how long that took. */
const talk = async (
  parts: Iterable<string | Buffer>,
  { pauseMs = 0 }: { pauseMs?: number } = {},
): Promise<{ answer: string; afterMs: number }> => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const began = performance.now()
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve()).on('error', () => resolve())
  })
  for (const part of parts) {
    if (socket.destroyed || socket.writableEnded) break
    socket.write(part)
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  await closed
  return { answer, afterMs: performance.now() - began }
}

describe('slow senders', () => {
  test('a head that comes byte by byte is refused once its time is up', async () => {
    const { answer, afterMs } = await talk(HEAD.repeat(20), { pauseMs: 10 })
    expect(answer).toContain('HTTP/1.1 408 Request Timeout')
    expect(answer).toContain('"code":"TIMEOUT"')
    expect(afterMs).toBeGreaterThan(390)
    expect(afterMs).toBeLessThan(1500)
  })

  test('so is a body, and a connection that says nothing', async () => {
    const slowBody = await talk([`${HEAD}\r\n`, ...'{"userId":'.repeat(20)], { pauseMs: 100 })
    expect(slowBody.answer).toContain('408 Request Timeout')
    expect(slowBody.afterMs).toBeLessThan(2000)
    const silent = await talk([])
    expect(silent.answer).toContain('408 Request Timeout')
    expect(silent.afterMs).toBeLessThan(1500)
  })

  test('a hundred of them at once hold up nobody else', async () => {
    const slow = Array.from({ length: 100 }, () => talk(HEAD, { pauseMs: 20 }))
    const began = performance.now()
    const health = await fetch(`${server.url}/healthz`)
    expect(health.status).toBe(200)
    expect(performance.now() - began).toBeLessThan(2000)
    for (const { answer } of await Promise.all(slow)) expect(answer).toContain('408')
  })
})

describe('oversized requests', () => {
  test('a body above the limit is refused by its length before it is read', async () => {
    const { answer } = await talk([
      'POST /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 10001\r\n\r\n',
    ])
    expect(answer).toContain('HTTP/1.1 413')
    expect(answer).toContain('"code":"INVALID_INPUT"')
  })

  test('a body in chunks is refused once it passes the limit', async () => {
    const chunk = `1000\r\n${' '.repeat(4096)}\r\n`
    const { answer } = await talk([
      'POST /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      chunk,
      chunk,
      chunk,
    ])
    expect(answer).toContain('HTTP/1.1 413')
  })

  test('a head above the limit is refused with 431', async () => {
    const { answer } = await talk([`GET /healthz HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`])
    expect(answer).toContain('HTTP/1.1 431')
    expect(answer).toContain('"code":"INVALID_INPUT"')
  })

  test('a body nested deeper than 32 levels is refused before anything looks into it', async () => {
    const ask = (depth: number) =>
      server.app.inject({
        method: 'POST',
        url: '/v1/recommendations',
        headers: { 'content-type': 'application/json' },
        payload: `{"userId":"u","filter":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`,
      })
    expect((await ask(33)).json().message).toBe(
      'Expected the body to be nested 32 levels or fewer, got more.',
    )
    expect((await ask(4000)).statusCode).toBe(400)
    expect((await ask(32)).json().message).toContain('`filter`')
  })
})

describe('malformed requests', () => {
  test.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n',
    'POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00',
  ])('%j is answered with 400 and closed', async (text) => {
    const { answer } = await talk([text])
    expect(answer).toContain('HTTP/1.1 400 Bad Request')
    expect(answer).toContain('{"code":"INVALID_INPUT","message":"Expected a request of HTTP/1.1."}')
  })

  test('a path that is no UTF-8, and one with an id too long, are refused without an echo', async () => {
    const bad = await server.app.inject('/v1/users/secret%zz')
    expect(bad.statusCode).toBe(400)
    expect(bad.body).not.toContain('secret')
    const long = await server.app.inject(`/v1/users/${'a'.repeat(3000)}`)
    expect(long.statusCode).toBe(414)
    expect(long.body).not.toContain('aaa')
  })
})
