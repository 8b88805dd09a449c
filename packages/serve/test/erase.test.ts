import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient } from '../src/client/index.ts'
import { startServer } from '../src/start-server.ts'
import { writeTinyArtifact } from './tiny-artifact.ts'
import { bought } from './tiny-purchases.ts'

const ANN = 'ann.b1c2@example.org'

/** Every file below a folder that holds a text, as UTF-8 or as UTF-16. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = names
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const found = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(path)
      return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')) ? [path] : []
    }),
  )
  return found.flat()
}

test('after DELETE and compaction nothing of a user is in store files, metrics or logs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-erase-'))
  const lines: string[] = []
  const server = await startServer({
    artifact: await writeTinyArtifact(),
    store: folder,
    port: 0,
    logTo: { write: (line) => lines.push(line) },
  })
  const client = createClient({ baseUrl: server.url })
  const secret = 'pan'
  await client.recordEvents([
    { userId: ANN, ...bought(secret, '2026-01-30'), eventId: `${ANN}/order-1` },
    { userId: 'bob', ...bought('tea', '2026-01-30') },
  ])
  const { recommendationId } = await client.recommend({ userId: ANN })
  await client.recordFeedback({
    recommendationId,
    userId: ANN,
    items: [{ itemId: 'soap', outcome: 'shown' }],
  })
  await fetch(`${server.url}/v1/users/${encodeURIComponent(ANN)}/recommendations`)
  await fetch(`${server.url}/v1/users/${encodeURIComponent(ANN)}/nowhere`)
  // What is looked for can be found: before the erasure a purchase lies in a file, though never the id.
  expect(await filesWith(folder, secret)).not.toEqual([])

  const receipt = await client.eraseUser(ANN)
  expect(receipt.erased).toContainEqual(expect.objectContaining({ place: 'history-store' }))
  expect(receipt.remaining).toContainEqual(expect.objectContaining({ place: 'store-files' }))
  await client.compactStore()
  const metrics = await client.readMetrics()
  expect(await client.recommend({ userId: ANN })).toMatchObject({ path: 'popular' })
  expect((await client.recommend({ userId: 'bob' })).path).toBe('model')
  await server.close()

  for (const text of [ANN, encodeURIComponent(ANN), 'ann.b1c2', secret])
    expect(await filesWith(folder, text)).toEqual([])
  expect(lines.length).toBeGreaterThan(5)
  for (const text of [ANN, encodeURIComponent(ANN), 'ann.b1c2']) {
    expect(lines.join('')).not.toContain(text)
    expect(metrics).not.toContain(text)
    expect(JSON.stringify(receipt)).not.toContain(text)
  }
  await rm(folder, { recursive: true })
})
