import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ingest } from '../src/ingest/ingest.ts'
import type { IngestSettings } from '../src/ingest/ingest-options.ts'
import type { IngestReport } from '../src/ingest/ingest-report.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const DATA = resolve(ROOT, process.env.PERENNIAL_DATA ?? '../shared/datasets', 'online-retail-ii')
const FILES = ['year-2009-2010.csv.gz', 'year-2010-2011.csv.gz'].map((name) => join(DATA, name))
const isMissing = !FILES.every((file) => existsSync(file))
if (isMissing) process.stderr.write(`Skipped: ${DATA} is missing; set PERENNIAL_DATA.\n`)

const SETTINGS: IngestSettings = {
  timeZone: 'Europe/London',
  cancelPrefix: 'C',
  itemPattern: '^\\d{5}',
  dropFree: true,
  normalizeItemIds: 'upper',
}

async function run(inputs: string[], settings: IngestSettings = {}): Promise<IngestReport> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-retail-'))
  try {
    return await ingest({ ...SETTINGS, ...settings, inputs, output: join(folder, 'out') })
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.skipIf(isMissing)('ingest of Online Retail II', () => {
  test('finds the customers, items and rows that its provenance counts', async () => {
    const [first, second] = FILES as [string, string]
    // The files share 2010-12-01 to 2010-12-09, which the counts take from the second.
    const before = await run([first], { maxDate: '2010-11-30', keepDuplicates: true })
    const after = await run([second], { keepDuplicates: true })
    expect(before.numKept + after.numKept).toBe(788_187)

    const both = await run(FILES)
    expect(both.numRows).toBe(525_461 + 541_909)
    expect(both.statistics).toMatchObject({ numUsers: 5852, numItems: 4619, numBaskets: 32_878 })
    expect(both.numKept).toBe(776_575)
    const numDropped = both.dropped.reduce((sum, { count }) => sum + count, 0)
    expect(both.numKept + numDropped).toBe(both.numRows)
  }, 240_000)
})
