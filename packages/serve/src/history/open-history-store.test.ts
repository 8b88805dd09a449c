import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryHistoryStore } from './memory-history-store.ts'
import { openHistoryStore } from './open-history-store.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-open-'))
})
afterAll(() => rm(root, { recursive: true }))

describe('openHistoryStore', () => {
  test.each([
    ['memory:', 'memory'],
    ['lmdb:', 'lmdb'],
    ['', 'lmdb'],
  ])('opens what begins with %j as %s', async (prefix, kind) => {
    const folder = join(root, 'deep', `folder-${kind}${prefix.length}`)
    const store = await openHistoryStore(kind === 'memory' ? prefix : prefix + folder, {
      namespace: 'red',
      maxEventsPerUser: 7,
    })
    expect(store.kind).toBe(kind)
    expect(store.limits).toEqual({
      maxEventsPerUser: 7,
      maxAgeDays: Infinity,
      maxShownPerUser: 200,
    })
    await store.close()
    if (kind === 'lmdb') expect(await readdir(folder)).toEqual(['red'])
  })

  test.each(['redis://127.0.0.1:1', 'valkey://127.0.0.1:1'])('connects to %s', async (url) => {
    await expect(openHistoryStore(url)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test.each(['', 'lmdb:', 'postgres://ann:secret@host', 'redis:nowhere'])(
    'refuses %j and does not repeat it',
    async (url) => {
      const error = await openHistoryStore(url).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'INVALID_OPTION' })
      expect(String(error)).not.toContain('secret')
    },
  )
})

describe('readHistoryOptions', () => {
  test.each([
    { maxEventsPerUser: 0 },
    { maxAgeDays: 0.5 },
    { maxAgeDays: Number.NaN },
    { maxShownPerUser: -1 },
    { namespace: '' },
    { namespace: '../up' },
    { namespace: 'Red' },
  ])('refuses %j', (options) => {
    expect(() => createMemoryHistoryStore(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
