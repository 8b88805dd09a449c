import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findFolder, replaceFile, replaceFolder } from './atomic-write.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-'))
})

afterEach(() => rm(root, { recursive: true }))

/** Process ids end far below this on every system, so no process has it. */
const DEAD_PID = 2 ** 30

function writeMark(mark: string): (folder: string) => Promise<void> {
  return (folder) => writeFile(join(folder, 'mark'), mark)
}

function readMark(folder: string): Promise<string> {
  return readFile(join(folder, 'mark'), 'utf8')
}

describe('replaceFile', () => {
  test('makes missing folders and leaves nothing beside the file', async () => {
    const path = join(root, 'a', 'b', 'file')
    await replaceFile(path, (temporary) => writeFile(temporary, 'one'))
    await replaceFile(path, (temporary) => writeFile(temporary, 'two'))
    expect(await readFile(path, 'utf8')).toBe('two')
    expect(await readdir(join(root, 'a', 'b'))).toEqual(['file'])
  })

  test('keeps the previous file when the writer throws', async () => {
    const path = join(root, 'file')
    await replaceFile(path, (temporary) => writeFile(temporary, 'one'))
    const failing = replaceFile(path, async (temporary) => {
      await writeFile(temporary, 'half')
      throw new Error('disk full')
    })
    await expect(failing).rejects.toThrow('disk full')
    expect(await readFile(path, 'utf8')).toBe('one')
    expect(await readdir(root)).toEqual(['file'])
  })

  test('removes what a killed run left, and nothing of a living one', async () => {
    await writeFile(join(root, `.file.${DEAD_PID}.partial`), '')
    await writeFile(join(root, `.file.${process.ppid}.partial`), '')
    await replaceFile(join(root, 'file'), (temporary) => writeFile(temporary, 'one'))
    expect(await readdir(root)).toEqual([`.file.${process.ppid}.partial`, 'file'])
  })
})

describe('replaceFolder', () => {
  test('replaces all files of the previous folder', async () => {
    const path = join(root, 'folder')
    await replaceFolder(path, (folder) => writeFile(join(folder, 'old'), ''))
    await replaceFolder(path, writeMark('new'))
    expect(await readdir(path)).toEqual(['mark'])
    expect(await readdir(root)).toEqual(['folder'])
  })

  test('keeps the previous folder when the writer throws', async () => {
    const path = join(root, 'folder')
    await replaceFolder(path, writeMark('one'))
    const failing = replaceFolder(path, async (folder) => {
      await writeMark('half')(folder)
      throw new Error('disk full')
    })
    await expect(failing).rejects.toThrow('disk full')
    expect(await readMark(path)).toBe('one')
    expect(await readdir(root)).toEqual(['folder'])
  })

  test('goes on where a run died before it removed the previous folder', async () => {
    const path = join(root, 'folder')
    await replaceFolder(path, writeMark('two'))
    await mkdir(`${path}.previous`)
    await writeMark('one')(`${path}.previous`)
    await replaceFolder(path, writeMark('three'))
    expect(await readMark(path)).toBe('three')
    expect(await readdir(root)).toEqual(['folder'])
  })
})

describe('findFolder', () => {
  test('finds the previous folder where a run died between the renames, and the next write recovers it', async () => {
    const path = join(root, 'folder')
    await replaceFolder(path, writeMark('one'))
    await rename(path, `${path}.previous`)
    expect(await findFolder(path)).toBe(`${path}.previous`)
    await expect(
      replaceFolder(path, () => Promise.reject(new Error('full disk'))),
    ).rejects.toThrow()
    expect(await findFolder(path)).toBe(path)
    expect(await readMark(path)).toBe('one')
  })

  test('gives the path itself where there is nothing', async () => {
    expect(await findFolder(join(root, 'folder'))).toBe(join(root, 'folder'))
  })
})
