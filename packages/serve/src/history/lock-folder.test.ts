import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from './lock-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('lockFolder', () => {
  test('gives a folder to one holder after another', async () => {
    const lock = await lockFolder(folder)
    expect(await lock.isHeld()).toBe(true)
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await lock.release()
    expect(await readdir(folder)).toEqual([])
    const next = await lockFolder(folder)
    expect(await next.isHeld()).toBe(true)
    await next.release()
  })

  test('gives a folder to one at most of several that ask at once', async () => {
    const asked = Array.from({ length: 5 }, () => lockFolder(folder))
    const outcomes = await Promise.allSettled(asked)
    const locks = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    )
    expect(locks.length).toBeLessThanOrEqual(1)
    await Promise.all(locks.map((lock) => lock.release()))
    await (await lockFolder(folder)).release()
  })

  test('locks a folder whose path is too long for a socket', async () => {
    const long = join(folder, 'x'.repeat(120))
    await mkdir(long)
    const lock = await lockFolder(long)
    await expect(lockFolder(long)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await lock.release()
    await (await lockFolder(long)).release()
  })

  test.skipIf(process.platform === 'win32')('says why it cannot lock', async () => {
    await mkdir(join(folder, 'lock'))
    await writeFile(join(folder, 'lock', 'file'), '')
    await expect(lockFolder(folder)).rejects.toThrow(/^Expected (to lock )?the folder /)
  })
})
