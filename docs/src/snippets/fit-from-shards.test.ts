// #region fit-from-shards
import { createEngine, describeMemory, fitFromShards, formatSeconds } from '@perennial/train'
// #endregion

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSmallShop } from './small-shop.ts'

const startFolder = process.cwd()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-docs-'))
  process.chdir(folder)
  await writeSmallShop('orders.csv')
  const { ingest } = await import('@perennial/train')
  await ingest({ inputs: ['orders.csv'], output: 'data', timeZone: 'Europe/London' })
})

afterAll(async () => {
  process.chdir(startFolder)
  await rm(folder, { recursive: true })
})

describe('the train guide', () => {
  test('training from shards says what it takes and how long', async () => {
    const said: string[] = []
    const log = console.log
    console.log = (text: unknown) => said.push(String(text))
    try {
      // #region fit-from-shards
      const { weights, curve } = await fitFromShards('data', {
        split: { kind: 'leave-one-out' },
        encoder: { dim: 32, numBlocks: 1 },
        maxEpochs: 2,
        runtime: {
          createEngine: (config) => createEngine(config),
          checkpointPath: 'run.safetensors',
          onEstimate: (estimate) => console.log(`takes about ${describeMemory(estimate)}`),
          onStep: ({ tokensPerSecond: speed, secondsLeft }) =>
            console.log(`${speed.toFixed(0)} events/s, ${formatSeconds(secondsLeft)} left`),
        },
      })
      // #endregion

      expect(weights.itemTable.length % 32).toBe(0)
      expect(curve.map(({ epoch }) => epoch)).toEqual([1, 2])
    } finally {
      console.log = log
    }
    expect(said[0]).toMatch(/^takes about 0\.\d\d GB/)
    expect(said.at(-1)).toMatch(/^\d+ events\/s, 0 s left$/)
  })
})
