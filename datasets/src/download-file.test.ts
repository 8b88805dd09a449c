import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DatasetFile } from './dataset-facts.ts'
import { downloadFile } from './download-file.ts'

const CONTENT = Buffer.from('1 1\n1 2\n2 1\n')
const ZIPPED = gzipSync(CONTENT)

describe('downloadFile', () => {
  let server: Server
  let base: string
  let folder: string

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/good.txt') return response.end(CONTENT)
      if (request.url === '/good.txt.gz') return response.end(ZIPPED)
      if (request.url === '/changed.txt') return response.end('1 1\n')
      if (request.url === '/cut.txt') {
        response.writeHead(200, { 'content-length': CONTENT.length })
        response.write(CONTENT.subarray(0, 4), () => response.destroy())
        return
      }
      if (request.url === '/slow.txt') return
      response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perennial-download-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const fileAt = (name: string): DatasetFile => ({
    name: 'pairs.txt',
    bytes: CONTENT.length,
    sha256: createHash('sha256').update(CONTENT).digest('hex'),
    gzipBytes: ZIPPED.length,
    gzipSha256: createHash('sha256').update(ZIPPED).digest('hex'),
    url: `${base}/${name}`,
  })

  test('keeps a file with the right sha256 and returns its path', async () => {
    const path = await downloadFile(fileAt('good.txt'), { folders: [folder] })
    expect(path).toBe(join(folder, 'pairs.txt'))
    expect(await readFile(path)).toEqual(CONTENT)
    expect(await readdir(folder)).toEqual(['pairs.txt'])
  })

  test('keeps a gzipped file gzipped', async () => {
    const path = await downloadFile(fileAt('good.txt.gz'), { folders: [folder] })
    expect(path).toBe(join(folder, 'pairs.txt.gz'))
    expect(await readFile(path)).toEqual(ZIPPED)
  })

  test('keeps nothing of a file with another sha256', async () => {
    const download = downloadFile(fileAt('changed.txt'), { folders: [folder] })
    await expect(download).rejects.toMatchObject({ code: 'DATASET_MISMATCH' })
    expect(await readdir(folder)).toEqual([])
  })

  test.each(['cut.txt', 'absent.txt'])(
    'keeps nothing of %s and says how to go on',
    async (name) => {
      const download = downloadFile(fileAt(name), { folders: [folder] })
      await expect(download).rejects.toMatchObject({ code: 'DATASET_MISSING' })
      await expect(download).rejects.toThrow('Fetch it another way')
      expect(await readdir(folder)).toEqual([])
    },
  )

  test('gives up after the time limit', async () => {
    await expect(
      downloadFile(fileAt('slow.txt'), { folders: [folder], timeoutMs: 50 }),
    ).rejects.toThrow('within 50 ms')
  })

  test('stops when the caller aborts', async () => {
    const reason = new Error('enough')
    await expect(
      downloadFile(fileAt('slow.txt'), { folders: [folder], signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
  })

  test('goes to the next folder when the first is read-only', async () => {
    // Linux takes no new folder in /sys, not even from root.
    const path = await downloadFile(fileAt('good.txt'), {
      folders: ['/sys/perennial/datasets', folder],
    })
    expect(path).toBe(join(folder, 'pairs.txt'))
  })

  test('reports a folder that cannot be made for another reason', async () => {
    await mkdir(join(folder, 'a'))
    await writeFile(join(folder, 'a', 'file'), '')
    await expect(
      downloadFile(fileAt('good.txt'), { folders: [join(folder, 'a', 'file', 'b'), folder] }),
    ).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})
