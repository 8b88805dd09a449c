import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onlineRetailFiles } from './online-retail-files.ts'

test('onlineRetailFiles finds both years, the older first, and reports one that is missing', async () => {
  const root = await mkdtemp(join(tmpdir(), 'perennial-retail-'))
  const folder = join(root, 'online-retail-ii')
  try {
    await mkdir(folder)
    await writeFile(join(folder, 'year-2010-2011.csv.gz'), '')
    const missing = onlineRetailFiles({ folder: root })
    await expect(missing).rejects.toMatchObject({ code: 'DATASET_MISSING' })
    await expect(missing).rejects.toThrow('year-2009-2010.csv.gz')
    await writeFile(join(folder, 'year-2009-2010.csv'), '')
    expect((await onlineRetailFiles({ folder: root })).inputs).toEqual([
      join(folder, 'year-2009-2010.csv'),
      join(folder, 'year-2010-2011.csv.gz'),
    ])
  } finally {
    await rm(root, { recursive: true })
  }
})
