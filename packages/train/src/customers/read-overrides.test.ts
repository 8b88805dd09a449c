import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lifecycleDataset } from '../../test/lifecycle-dataset.ts'
import { readOverrides } from './read-overrides.ts'

const dataset = lifecycleDataset()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-overrides-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(text: string) {
  const path = join(folder, 'overrides.json')
  await writeFile(path, text)
  return readOverrides(path, dataset)
}

describe('readOverrides', () => {
  test('returns the list', async () => {
    const overrides = [
      { itemId: 'i3', kind: 'durable', suppressDays: 90 },
      { categoryPath: ['<script>', 'odd'], suppressCategoryDays: 14 },
    ]
    expect(await read(JSON.stringify(overrides))).toEqual(overrides)
  })

  test.each([
    ['no JSON', '[{', 'INVALID_INPUT', 'a JSON list'],
    ['no list', '{"itemId":"i3"}', 'INVALID_INPUT', '{"itemId":"i3"}'],
    ['an entry that is no object', '[{"itemId":"i3","kind":"durable"},7]', 'INVALID_INPUT', '[1]'],
    ['an unknown item', '[{"itemId":"x","kind":"durable"}]', 'UNKNOWN_ITEM', 'overrides[0].itemId'],
    ['an unknown kind', '[{"itemId":"i3","kind":"solid"}]', 'INVALID_OPTION', 'overrides[0].kind'],
    [
      'an unknown category',
      '[{"categoryPath":["Attic"],"suppressDays":3}]',
      'INVALID_OPTION',
      'overrides[0].categoryPath[0]',
    ],
  ])('refuses %s, naming file and entry', async (_, text, code, part) => {
    const path = join(folder, 'overrides.json')
    const error = await read(text).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, message: expect.stringContaining(part) })
    expect((error as Error).message).toContain(path)
  })

  test('names a file that is not there', async () => {
    const path = join(folder, 'missing.json')
    await expect(readOverrides(path, dataset)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(path),
    })
  })
})
