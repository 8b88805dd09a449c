import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { type HttpPool, openHttpPool } from './open-http-pool.ts'

let server: Server | undefined
let pool: HttpPool | undefined

async function start(listener: RequestListener, maxConnections = 4): Promise<HttpPool> {
  const started = createServer(listener)
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  const { port } = started.address() as AddressInfo
  pool = openHttpPool({ url: `http://127.0.0.1:${port}`, maxConnections })
  return pool
}

const answer: RequestListener = (request, response) => {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    const text = JSON.stringify({ method: request.method, path: request.url, body })
    response.setHeader('content-length', Buffer.byteLength(text))
    response.statusCode = request.url === '/missing' ? 404 : 200
    response.end(text)
  })
}

afterEach(async () => {
  pool?.close()
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

describe('openHttpPool', () => {
  test('sends method, path and body, and reads status and body', async () => {
    const { request } = await start(answer)
    const { status, body } = await request('POST', '/v1/x', '{"título":"日本"}')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({ method: 'POST', path: '/v1/x', body: '{"título":"日本"}' })
    expect((await request('GET', '/missing')).status).toBe(404)
  })

  test('keeps its connections and opens no more than allowed', async () => {
    const sockets = new Set<unknown>()
    const { request } = await start((incoming, response) => {
      sockets.add(incoming.socket)
      setTimeout(() => answer(incoming, response), 5)
    }, 2)
    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`)
    const answers = await Promise.all(paths.map((path) => request('GET', path)))
    expect(answers.map(({ body }) => JSON.parse(body).path)).toEqual(paths)
    expect(sockets.size).toBe(2)
  })

  test('puts together an answer that comes in pieces', async () => {
    const text = 'a'.repeat(300_000)
    const { request } = await start(async (_, response) => {
      response.setHeader('content-length', text.length)
      response.write(text.slice(0, 10))
      await sleep(10)
      response.end(text.slice(10))
    })
    expect((await request('GET', '/')).body).toBe(text)
  })

  test('opens a new connection after the server asked to close one', async () => {
    const { request } = await start((incoming, response) => {
      response.setHeader('connection', 'close')
      answer(incoming, response)
    }, 1)
    const answers = await Promise.all([request('GET', '/a'), request('GET', '/b')])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  })

  test('fails the request whose connection breaks, and goes on with the next', async () => {
    const { request } = await start((incoming, response) => {
      if (incoming.url === '/broken') incoming.socket.destroy()
      else answer(incoming, response)
    }, 1)
    const [broken, next] = await Promise.allSettled([
      request('GET', '/broken'),
      request('GET', '/next'),
    ])
    expect(broken.status).toBe('rejected')
    expect(next.status).toBe('fulfilled')
  })

  test('fails requests under way and waiting when it is closed', async () => {
    const opened = await start(() => {}, 1)
    const requests = [opened.request('GET', '/a'), opened.request('GET', '/b')]
    opened.close()
    for (const one of requests) await expect(one).rejects.toThrow('closed')
    await expect(opened.request('GET', '/c')).rejects.toThrow('closed')
  })
})
