import { readFile } from 'node:fs/promises'
import { get } from 'node:https'
import { expect, test } from 'vitest'
import { writeTinyArtifact } from '../test/tiny-artifact.ts'
import { startServer } from './start-server.ts'

test('startServer listens, answers, and after close answers no more', async () => {
  const artifact = await writeTinyArtifact()
  const { url, close } = await startServer({ artifact, port: 0 })
  const health = await (await fetch(`${url}/healthz`)).json()
  expect(health).toMatchObject({ status: 'ok', numItems: 6 })
  await close()
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
})

test('startServer fails with the error of the socket when the port is taken', async () => {
  const artifact = await writeTinyArtifact()
  const first = await startServer({ artifact, port: 0 })
  const port = Number(new URL(first.url).port)
  await expect(startServer({ artifact, port })).rejects.toThrow('EADDRINUSE')
  await first.close()
})

test('startServer stops when aborted, and frees the port', async () => {
  const artifact = await writeTinyArtifact()
  const first = await startServer({ artifact, port: 0 })
  const port = Number(new URL(first.url).port)
  await first.close()
  await expect(startServer({ artifact, port, signal: AbortSignal.abort() })).rejects.toThrow(
    'aborted',
  )
  const second = await startServer({ artifact, port })
  await second.close()
})

test('startServer refuses to answer other machines without keys unless it is to be open', async () => {
  const artifact = await writeTinyArtifact()
  await expect(startServer({ artifact, host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('`keys`'),
  })
  const open = await startServer({ artifact, host: '0.0.0.0', port: 0, open: true })
  expect((await open.app.inject('/readyz')).statusCode).toBe(200)
  await open.close()
})

test('startServer measures the steps of its answers', async () => {
  const { app, close } = await startServer({ artifact: await writeTinyArtifact(), port: 0 })
  await app.inject({
    method: 'POST',
    url: '/v1/recommendations',
    payload: { history: [{ itemId: 'tea', timestamp: '2026-01-12T09:00:00Z' }] },
  })
  const { body } = await app.inject('/metrics')
  expect(body).toContain('perennial_stage_duration_seconds_count{stage="answer"} 1')
  expect(body).toContain('perennial_stage_duration_seconds_bucket{le="0.0001",stage="encode"}')
  expect(body).toContain('perennial_answers{path="model"} 1')
  expect(body).toMatch(
    /perennial_http_request_duration_seconds_count\{route="\/v1\/recommendations",method="POST",status="2xx"\} 1/,
  )
  await close()
})

test('startServer speaks TLS with a certificate', async () => {
  const fixture = (name: string): Promise<string> =>
    readFile(new URL(`../test/fixtures/http-test-${name}.pem`, import.meta.url), 'utf8')
  const tls = { cert: await fixture('cert'), key: await fixture('key') }
  const { url, close } = await startServer({ artifact: await writeTinyArtifact(), port: 0, tls })
  expect(url).toMatch(/^https:/)
  const status = await new Promise((resolve, reject) => {
    get(`${url}/healthz`, { ca: tls.cert }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
  expect(status).toBe(200)
  await close()
})
