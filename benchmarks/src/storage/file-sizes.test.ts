import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFileSizes } from './file-sizes.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-sizes-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('readFileSizes', () => {
  test('gives the bytes of each file by name, without folders', async () => {
    await writeFile(join(folder, 'b.txt'), 'é')
    await writeFile(join(folder, 'a.bin'), new Uint8Array(1000))
    await mkdir(join(folder, 'c'))
    const sizes = await readFileSizes(folder)
    expect(Object.entries(sizes)).toEqual([
      ['a.bin', 1000],
      ['b.txt', 2],
    ])
  })
})
