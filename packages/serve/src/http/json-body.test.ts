import fastify, { type FastifyError } from 'fastify'
import { describe, expect, test } from 'vitest'
import { describeError } from './http-error.ts'
import { isNestedWithin, readJsonBodies } from './json-body.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('isNestedWithin', () => {
  test.each<[string, number, boolean]>([
    ['1', 0, true],
    ['[]', 0, false],
    ['{"a":[1,{"b":2}]}', 3, true],
    ['{"a":[1,{"b":2}]}', 2, false],
    ['[[],[],[],[]]', 2, true],
    ['["[[[[[["]', 1, true],
    [String.raw`["\"[[[","\\",[1]]`, 2, true],
    [String.raw`["\\",[[1]]]`, 2, false],
    ['[é[', 1, false],
  ])('%s within %i levels: %s', (text, maxDepth, expected) => {
    expect(isNestedWithin(bytes(text), maxDepth)).toBe(expected)
  })
})

describe('readJsonBodies', () => {
  const post = async (
    payload: string | Buffer,
    type = 'application/json',
  ): Promise<{ status: number; body: unknown }> => {
    const app = fastify()
    app.setErrorHandler<FastifyError>((error, _request, reply) =>
      reply.status(describeError(error).status).send({}),
    )
    readJsonBodies(app, 4)
    app.post('/', async ({ body }) => ({ body }))
    const headers = { 'content-type': type }
    const response = await app.inject({ method: 'POST', url: '/', headers, payload })
    await app.close()
    return { status: response.statusCode, body: response.json().body }
  }

  test('reads JSON', async () => {
    expect(await post('{"a":["é"]}', 'application/json; charset=utf-8')).toEqual({
      status: 200,
      body: { a: ['é'] },
    })
  })

  test('refuses levels beyond the limit, however many', async () => {
    expect((await post('[[[[1]]]]')).status).toBe(200)
    expect((await post('[[[[[1]]]]]')).status).toBe(400)
    expect((await post('['.repeat(500_000))).status).toBe(400)
  })

  test('refuses bytes that are no UTF-8, keys that reach a prototype, and other types', async () => {
    expect((await post(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).status).toBe(400)
    expect((await post('{"__proto__":{"x":1}}')).status).toBe(400)
    expect((await post('{"constructor":{"prototype":{"x":1}}}')).status).toBe(400)
    expect((await post('{}', 'text/plain')).status).toBe(415)
    expect((await post('{', 'application/json')).status).toBe(400)
  })
})
