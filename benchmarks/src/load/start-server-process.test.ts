import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServerProcess } from './start-server-process.ts'

/** Listens at once, is ready 150 ms later, and writes what it was given into a file. */
const SERVER = `
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
writeFileSync(new URL('args.json', import.meta.url), JSON.stringify(process.argv.slice(2)))
const readyMs = Date.now() + 150
const server = createServer((request, response) => {
  response.statusCode = Date.now() > readyMs ? 200 : 503
  response.end(request.url)
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ msg: 'Server listening at http://127.0.0.1:' + server.address().port }))
})
`

let folder = ''

const folders = () => ({ artifactFolder: '/artifact', storeFolder: '/store', folder })

async function write(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-server-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('startServerProcess', () => {
  test('waits until the server is ready, and stops it', async () => {
    const bin = await write('server.mjs', SERVER)
    const { url, pid, startMs, stop } = await startServerProcess({ ...folders(), bin })
    try {
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
      expect(startMs).toBeGreaterThan(150)
      const args = JSON.parse(await readFile(join(folder, 'args.json'), 'utf8'))
      expect(args).toEqual(['--artifact', '/artifact', '--store', '/store', '--port', '0'])
    } finally {
      await stop()
    }
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('fails with the end of the log when the process ends', async () => {
    const bin = await write('fail.mjs', "throw new Error('no such artifact')")
    const starting = startServerProcess({ ...folders(), bin })
    await expect(starting).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('no such artifact'),
    })
  })

  test('ends a server that is not ready in time', async () => {
    const bin = await write('wait.mjs', 'setTimeout(() => {}, 60_000)')
    const options = { ...folders(), bin, startTimeoutMs: 200 }
    await expect(startServerProcess(options)).rejects.toThrow('did not start')
  })
})
