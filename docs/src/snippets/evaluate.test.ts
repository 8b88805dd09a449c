// #region evaluate-scorer
import {
  createPersonalFrequency,
  DAY_MS,
  evaluate,
  readDataset,
  splitByTime,
} from '@perennial/core'
// #endregion

// #region load-dataset
import { loadDataset } from '@perennial/datasets'
// #endregion

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasDataset } from '@perennial/datasets'
import { ingest } from '@perennial/train'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSmallShop } from './small-shop.ts'

const startFolder = process.cwd()
const hasCdnow = await hasDataset('cdnow')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-docs-'))
  process.chdir(folder)
  await writeSmallShop('orders.csv')
  await ingest({ inputs: ['orders.csv'], output: 'data', timeZone: 'UTC', cancelPrefix: 'C' })
})

afterAll(async () => {
  process.chdir(startFolder)
  await rm(folder, { recursive: true })
})

describe('the package pages', () => {
  test('a scorer is evaluated on the last four weeks', async () => {
    // #region evaluate-scorer
    const dataset = await readDataset('data')
    const split = splitByTime(dataset, {
      testCutMs: Date.now() - 28 * DAY_MS,
      horizonMs: 28 * DAY_MS,
    })
    const { trainEnds, test: cases } = split
    const scorer = createPersonalFrequency(dataset, trainEnds)
    const { metrics } = await evaluate(scorer, cases, { dataset, trainEnds, excludeSeen: false })
    // #endregion
    // Everyone buys a favourite every 14 days, which is also what was bought most often.
    expect(cases).toHaveLength(48)
    expect(metrics['mrr@10']).toBe(1)
  })

  test.skipIf(!hasCdnow)(
    'a public data set is loaded (skipped: cdnow is not in PERENNIAL_DATA)',
    async () => {
      // #region load-dataset
      const dataset = await loadDataset('cdnow')
      // #endregion
      expect(dataset.sequences.itemRows).toHaveLength(69_659)
    },
  )
})
