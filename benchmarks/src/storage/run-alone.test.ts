import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runAlone } from './run-alone.ts'

let folder = ''

async function write(name: string, text: string): Promise<URL> {
  const path = join(folder, name)
  await writeFile(path, text)
  return pathToFileURL(path)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-alone-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('runAlone', () => {
  test('returns what a script in another process prints', async () => {
    const text = 'console.log(JSON.stringify({ pid: process.pid, args: process.argv.slice(2) }))'
    const script = await write('print.mjs', text)
    const { pid, args } = await runAlone<{ pid: number; args: string[] }>(script, {
      args: ['a b', 'c'],
    })
    expect(pid).not.toBe(process.pid)
    expect(args).toEqual(['a b', 'c'])
  })

  test('fails with what the script says', async () => {
    const script = await write('fail.mjs', "throw new Error('out of order')")
    await expect(runAlone(script, { args: [] })).rejects.toThrow('out of order')
  })

  test('ends the process at an aborted signal, for the reason of the signal', async () => {
    const script = await write('wait.mjs', 'setTimeout(() => {}, 60_000)')
    const abort = new AbortController()
    const running = runAlone(script, { args: [], signal: abort.signal })
    setTimeout(() => abort.abort(new Error('stopped')), 100)
    await expect(running).rejects.toThrow('stopped')
  })
})
