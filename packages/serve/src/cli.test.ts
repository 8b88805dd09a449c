import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProgram } from './cli.ts'
import { createApiKeyFinder, readApiKeys } from './http/api-keys.ts'

const run = async (...args: string[]): Promise<string> => {
  let written = ''
  const program = createProgram((text) => {
    written += text
  })
  for (const command of [program, ...program.commands]) command.exitOverride()
  await program.parseAsync(['node', 'perennial-serve', ...args])
  return written
}

describe('perennial-serve keys new', () => {
  test('prints a key and the entry by which a server knows it', async () => {
    const { key, entry } = JSON.parse(
      await run('keys', 'new', '--name', 'shop', '--scopes', 'read, write'),
    )
    expect(entry).toEqual({ name: 'shop', scopes: ['read', 'write'], sha256: expect.any(String) })
    const findKey = createApiKeyFinder(readApiKeys(JSON.stringify([entry])))
    expect(findKey(key)).toEqual(entry)
  })

  test('refuses a scope that is none', async () => {
    await expect(run('keys', 'new', '--name', 'shop', '--scopes', 'all')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
  })
})

describe('perennial-serve', () => {
  const serve = (...flags: string[]): Promise<string> => run('--artifact', 'nowhere', ...flags)

  test('refuses to answer other machines without keys', async () => {
    await expect(serve('--host', '0.0.0.0')).rejects.toThrow(
      'Expected `keys` to be given where `host` can be reached from elsewhere, got none for 0.0.0.0.',
    )
  })

  test('gets past that with keys of a file, and with --open', async () => {
    const { entry } = JSON.parse(await run('keys', 'new', '--name', 'a', '--scopes', 'read'))
    const file = join(await mkdtemp(join(tmpdir(), 'perennial-keys-')), 'keys.json')
    await writeFile(file, JSON.stringify([entry]))
    for (const flags of [['--keys', file], ['--open']]) {
      await expect(serve('--host', '0.0.0.0', ...flags)).rejects.toMatchObject({
        code: 'BAD_ARTIFACT',
      })
    }
  })

  test('refuses keys that are no list, and half of a certificate', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'perennial-keys-')), 'keys.json')
    await writeFile(file, '{}')
    await expect(serve('--keys', file)).rejects.toThrow('Expected `keys` to be a list')
    await expect(serve('--tls-cert', file)).rejects.toThrow('to be given together')
  })
})
