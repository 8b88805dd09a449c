import { createHash } from 'node:crypto'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readVerified } from './read-verified.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-'))
  path = join(folder, 'part.bin')
})

afterEach(() => rm(folder, { recursive: true }))

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('readVerified', () => {
  test.each([0, 1, 2 ** 20, 3 * 2 ** 20 + 5])('returns all %d bytes of a file', async (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * i) >> 3)
    await writeFile(path, bytes)
    const read = await readVerified(path, { sha256: sha256Of(bytes) })
    expect(read).toHaveLength(length)
    expect(Buffer.compare(read, bytes)).toBe(0)
  })

  test('refuses a file that lost its end', async () => {
    const bytes = new Uint8Array(2 ** 20 + 9).fill(3)
    await writeFile(path, bytes)
    await truncate(path, bytes.length - 1)
    await expect(readVerified(path, { sha256: sha256Of(bytes) })).rejects.toMatchObject({
      code: 'BAD_ARTIFACT',
      message: expect.stringContaining('copy the folder again'),
    })
  })

  test('names what it cannot read', async () => {
    for (const unreadable of [join(folder, 'none'), folder]) {
      await expect(readVerified(unreadable, { sha256: '' })).rejects.toMatchObject({
        code: 'BAD_ARTIFACT',
        message: `Expected ${unreadable} to be readable; is this an artifact folder?`,
      })
    }
  })

  test('stops at a signal', async () => {
    await writeFile(path, new Uint8Array(9))
    const reason = new Error('enough')
    const read = readVerified(path, { sha256: '', signal: AbortSignal.abort(reason) })
    await expect(read).rejects.toBe(reason)
  })
})
