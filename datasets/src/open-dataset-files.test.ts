import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { DatasetFacts } from './dataset-facts.ts'
import { openDatasetFiles } from './open-dataset-files.ts'

const CONTENT = Buffer.from('1 1\n')
const ZIPPED = gzipSync(CONTENT)

describe('openDatasetFiles', () => {
  test('fetches missing files with an address once, and only on request', async () => {
    let numRequests = 0
    const server = createServer((_request, response) => {
      numRequests++
      response.end(ZIPPED)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const folder = await mkdtemp(join(tmpdir(), 'perennial-open-'))
    try {
      const facts = createFacts(`http://127.0.0.1:${port}/pairs.txt.gz`)
      const without = await openDatasetFiles(facts, { folder })
      await expect(without.read('pairs.txt')).rejects.toThrow('Pass `download: true` to fetch it.')
      expect(numRequests).toBe(0)
      for (let i = 0; i < 2; i++) {
        const files = await openDatasetFiles(facts, { folder, download: true })
        expect(await files.read('pairs.txt')).toEqual(CONTENT)
        expect(await files.has('titles.txt')).toBe(false)
      }
      expect(numRequests).toBe(1)
      expect(await readdir(join(folder, 'pairs'))).toEqual(['pairs.txt.gz'])
    } finally {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true })
    }
  })
})

function createFacts(url: string): DatasetFacts {
  const hashes = {
    bytes: CONTENT.length,
    sha256: createHash('sha256').update(CONTENT).digest('hex'),
    gzipBytes: ZIPPED.length,
    gzipSha256: createHash('sha256').update(ZIPPED).digest('hex'),
  }
  return {
    name: 'pairs',
    title: 'Pairs',
    folder: 'pairs',
    source: 'https://example.org/',
    licence: 'public domain',
    files: [
      { name: 'pairs.txt', ...hashes, url },
      { name: 'titles.txt', ...hashes, optional: true },
    ],
    counts: { users: 1, items: 1, events: 1 },
  }
}
