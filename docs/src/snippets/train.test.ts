// #region ingest-and-train
import { readDataset } from '@perennial/core'
import { createEngine, ingest, trainArtifact } from '@perennial/train'
// #endregion

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSmallShop } from './small-shop.ts'

const startFolder = process.cwd()
let folder: string
let numRows: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-docs-'))
  process.chdir(folder)
  numRows = await writeSmallShop('orders.csv')
})

afterAll(async () => {
  process.chdir(startFolder)
  await rm(folder, { recursive: true })
})

describe('the train guide', () => {
  test('ingest and training from code end with an artifact and its report', async () => {
    const said: string[] = []
    const log = console.log
    console.log = (text: unknown) => said.push(String(text))
    try {
      // #region ingest-and-train
      const report = await ingest({
        inputs: ['orders.csv'],
        output: 'data',
        timeZone: 'Europe/London',
        cancelPrefix: 'C',
      })
      console.log(`kept ${report.numKept} of ${report.numRows} rows`)

      const dataset = await readDataset('data')
      const { manifest, evaluations } = await trainArtifact(dataset, 'artifact', {
        encoder: { dim: 32, numBlocks: 1 },
        maxEpochs: 5,
        seed: 1,
        runtime: { createEngine: (config) => createEngine(config) },
      })
      for (const { scorer, metrics } of evaluations) {
        console.log(`${scorer}: NDCG@10 ${metrics['ndcg@10']?.toFixed(4)}`)
      }
      // #endregion

      expect(manifest.encoder.dim).toBe(32)
      expect(evaluations.at(-1)?.metrics['hit_rate@10']).toBe(1)
    } finally {
      console.log = log
    }
    // The cancelled row is the only one left out.
    expect(said[0]).toBe(`kept ${numRows - 1} of ${numRows} rows`)
    expect(said.length).toBeGreaterThan(1 + 8)
  })
})
