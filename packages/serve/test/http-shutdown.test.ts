import { Agent, request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { closeServer } from '../src/http/drain.ts'
import { startTestServer } from './http-server.ts'

const body = JSON.stringify({ userId: 'nobody', k: 3 })

/** Asks once over `agent`; returns the status, or the code of the socket's error. */
const ask = (url: string, agent: Agent): Promise<number | string> =>
  new Promise((resolve) => {
    const asking = request(`${url}/v1/recommendations`, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    })
    asking.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asking.end(body)
  })

describe('closeServer', () => {
  test('under load: not ready first, then every request taken is answered, then none is taken', async () => {
    const server = await startTestServer()
    let numTaken = 0
    let numAnswered = 0
    server.app.addHook('onRequest', async () => {
      numTaken++
    })
    server.app.addHook('onResponse', async (_request, reply) => {
      if (reply.raw.writableFinished) numAnswered++
    })
    const url = await server.app.listen({ host: '127.0.0.1', port: 0 })
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    const outcomes: (number | string)[] = []
    let isDone = false
    const loops = Array.from({ length: 16 }, async () => {
      while (!isDone) {
        const outcome = await ask(url, agent)
        outcomes.push(outcome)
        if (typeof outcome === 'string') return
      }
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const closing = closeServer(server.app, { noticeMs: 200, graceMs: 5000 })
    const notReady = await fetch(`${url}/readyz`)
    expect(notReady.status).toBe(503)
    expect(await notReady.json()).toMatchObject({ code: 'NOT_READY' })
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const numBefore = outcomes.length
    await closing
    isDone = true
    await Promise.all(loops)
    agent.destroy()
    expect(numAnswered).toBe(numTaken)
    // Answers went on during the notice; 503 tells a kept connection to go elsewhere, and new ones find no server.
    expect(outcomes.length).toBeGreaterThan(numBefore)
    expect(outcomes.filter((outcome) => outcome === 200).length).toBeGreaterThan(50)
    const kinds = new Set(outcomes)
    for (const outcome of kinds) expect([200, 503, 'ECONNREFUSED', 'ECONNRESET']).toContain(outcome)
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
    await server.close()
  })

  test('closes idle connections at once', async () => {
    const server = await startTestServer({ listen: true })
    const agent = new Agent({ keepAlive: true })
    expect(await ask(server.url, agent)).toBe(200)
    const began = performance.now()
    await closeServer(server.app, { graceMs: 20_000 })
    expect(performance.now() - began).toBeLessThan(5000)
    agent.destroy()
    await server.close()
  })

  test('cuts what is left after the grace period', async () => {
    const server = await startTestServer({ listen: true })
    const stuck = request(`${server.url}/v1/recommendations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    })
    const error = new Promise<NodeJS.ErrnoException>((resolve) => stuck.on('error', resolve))
    stuck.write(body.slice(0, 5))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const began = performance.now()
    await closeServer(server.app, { graceMs: 300 })
    const tookMs = performance.now() - began
    expect(tookMs).toBeGreaterThan(290)
    expect(tookMs).toBeLessThan(5000)
    expect((await error).code).toBe('ECONNRESET')
    await server.close()
  })
})
