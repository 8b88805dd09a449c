import { request } from 'node:http'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limitAnswerTime, untilClosed } from './answer-time.ts'

let app: FastifyInstance
let url: string
let numWaiting = 0
let numAborted = 0
beforeAll(async () => {
  app = fastify()
  limitAnswerTime(app, 300)
  app.post('/', async ({ body }, reply) => {
    const signal = untilClosed(reply)
    await new Promise((resolve) => setTimeout(resolve, 50))
    if (signal.aborted) return 'aborted'
    if (body !== 'wait') return 'done'
    numWaiting++
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    numAborted++
    return 'too late'
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => app.close())

const post = (body: string) =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } })

describe('limitAnswerTime', () => {
  test('answers 503 when the work takes too long, and tells the work', async () => {
    const response = await post('wait')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      code: 'TIMEOUT',
      message: 'Expected an answer within 300 ms, got none.',
    })
    await expect.poll(() => numAborted).toBe(numWaiting)
  })

  test('leaves an answer in time alone', async () => {
    expect(await (await post('now')).text()).toBe('done')
  })
})

describe('untilClosed', () => {
  test('aborts when the caller goes away, and not before', async () => {
    const before = numWaiting
    const asking = request(url, { method: 'POST', headers: { 'content-type': 'text/plain' } })
    asking.on('error', () => undefined)
    asking.end('wait')
    await expect.poll(() => numWaiting, { interval: 5 }).toBe(before + 1)
    expect(numAborted).toBe(before)
    asking.destroy()
    await expect.poll(() => numAborted, { interval: 5 }).toBe(before + 1)
  })
})
