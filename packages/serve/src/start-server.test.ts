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
