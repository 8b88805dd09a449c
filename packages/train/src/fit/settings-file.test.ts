import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSettings } from './settings-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-settings-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(content: unknown): Promise<string> {
  const path = join(folder, 'settings.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('readSettings', () => {
  test('takes options as they are, and the best of a search', async () => {
    const options = { learningRate: 0.01, encoder: { dim: 32, block: 'ligr' } }
    expect(await readSettings(await fileOf(options))).toEqual(options)
    expect(await readSettings(await fileOf({ trials: [], best: options }))).toEqual(options)
  })

  test.each([
    ['{', 'INVALID_INPUT', 'as JSON'],
    [{ trials: [], best: null }, 'INVALID_INPUT', 'to its end'],
    [{ learningrate: 1 }, 'INVALID_OPTION', 'got `learningrate`'],
    [{ encoder: { width: 3 } }, 'INVALID_OPTION', 'got `encoder.width`'],
    [{ excludeSeen: true }, 'INVALID_OPTION', 'got `excludeSeen`'],
    [{ learningRate: 'fast' }, 'INVALID_OPTION', '`learningRate`'],
    [{ logQ: 'no' }, 'INVALID_OPTION', '`logQ`'],
    [{ encoder: { timeFeatures: 3 } }, 'INVALID_OPTION', '`timeFeatures`'],
    [{ trials: [], best: { loss: 'sofmax' } }, 'INVALID_OPTION', '`loss`'],
    [{ encoder: 3 }, 'INVALID_INPUT', '`encoder`'],
    [[], 'INVALID_INPUT', 'a JSON object'],
    ['null', 'INVALID_INPUT', 'a JSON object'],
  ])('names the file and what is wrong with %o', async (content, code, words) => {
    const path = await fileOf(content)
    const error = await readSettings(path).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code })
    expect((error as Error).message).toContain(words)
    expect((error as Error).message).toContain(path)
  })
})
