// #region serve-in-process
import { Recommender } from '@perennial/serve'
// #endregion

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDataset } from '@perennial/core'
import { createEngine, ingest, trainArtifact } from '@perennial/train'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSmallShop } from './small-shop.ts'

const startFolder = process.cwd()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-docs-'))
  process.chdir(folder)
  await writeSmallShop('orders.csv')
  await ingest({ inputs: ['orders.csv'], output: 'data', timeZone: 'UTC', cancelPrefix: 'C' })
  await trainArtifact(await readDataset('data'), 'artifact', {
    encoder: { dim: 16, numBlocks: 1 },
    maxEpochs: 2,
    refitEpochs: 1,
    runtime: { createEngine: (config) => createEngine(config) },
  })
}, 60_000)

afterAll(async () => {
  process.chdir(startFolder)
  await rm(folder, { recursive: true })
})

describe('the serve guide', () => {
  test('a service answers a known customer and records what was bought', async () => {
    const said: unknown[][] = []
    const log = console.log
    console.log = (...values: unknown[]) => said.push(values)
    try {
      // #region serve-in-process
      const recommender = await Recommender.load('artifact', { dataset: 'data' })

      const { items, path, modelVersion } = await recommender.recommend({
        userId: 'C0007',
        k: 5,
        exclude: ['gift-card'],
        filter: { field: 'price', max: 30 },
      })
      for (const { rank, itemId, title, reason } of items) {
        console.log(rank, title ?? itemId, reason)
      }
      console.log(`answered by ${modelVersion}, path ${path}`)

      recommender.recordEvents([
        {
          userId: 'C0007',
          itemId: 'green-tea',
          timestamp: '2026-01-31T18:30:00Z',
          eventId: 'order-981/1',
        },
      ])
      await recommender.close()
      // #endregion
    } finally {
      console.log = log
    }
    // Customer 7 buys cat food every fortnight (7 mod 4 = 3).
    expect(said).toHaveLength(6)
    expect(said[0]?.slice(0, 2)).toEqual([1, 'cat food'])
    expect(said[0]?.[2]).toMatchObject({ code: 'repeat', timesBought: 13, typicalGapDays: 14 })
    expect(said.at(-1)?.[0]).toMatch(/path model$/)
  })

  test('a history without a name, a batch, and a filter of several conditions', async () => {
    const recommender = await Recommender.load('artifact')
    // #region serve-history
    const { items, history } = await recommender.recommend({
      history: [
        { itemId: 'coffee-beans', timestamp: '2026-01-10T09:00:00Z' },
        { itemId: 'coffee-beans', timestamp: '2026-01-24T09:00:00Z', quantity: 2 },
      ],
      asOf: '2026-02-01T00:00:00Z',
      k: 3,
    })
    // #endregion
    expect(history).toEqual({ used: 2, truncated: 0, later: 0, unknownItemIds: [] })
    expect(items[0]).toMatchObject({
      itemId: 'coffee-beans',
      reason: { code: 'repeat', timesBought: 2, daysSinceLast: 8, typicalGapDays: 14 },
    })

    // #region serve-describe
    const customer = await recommender.describeCustomer({
      history: [
        { itemId: 'coffee-beans', timestamp: '2026-01-10T09:00:00Z' },
        { itemId: 'coffee-beans', timestamp: '2026-01-24T09:00:00Z' },
      ],
      asOf: '2026-02-01T00:00:00Z',
      maxRepeats: 3,
    })
    const { stage, expected, buys, categories, repeats } = customer
    // #endregion
    expect(customer).toMatchObject({ visits: 2, daysSinceLastVisit: 8 })
    expect(stage).toBe('active')
    expect(expected?.visits).toBeGreaterThan(1)
    expect(expected?.value).toBeGreaterThan(0)
    expect(buys?.within28Days).toBeGreaterThan(buys?.within7Days as number)
    // The shop is too small for a network that knows when purchases come.
    expect([categories, repeats]).toEqual([undefined, undefined])
    expect(customer.notes.at(-1)).toMatch(/^Categories and repeats are left out/)

    // #region serve-batch
    const userIds = ['C0001', 'C0002', 'C0003']
    const responses = await recommender.recommendBatch(
      userIds.map((userId) => ({ userId, k: 5, explain: false })),
    )
    // #endregion
    expect(responses.map(({ path }) => path)).toEqual(['popular', 'popular', 'popular'])

    // #region serve-filter
    const groceries = await recommender.recommend({
      history: [{ itemId: 'coffee-beans', timestamp: '2026-01-24T09:00:00Z' }],
      filter: {
        all: [
          { field: 'price', min: 1, max: 10 },
          { field: 'categoryPath', under: ['Pantry'] },
          { not: { field: 'itemId', in: ['cat-food', 'cat-litter'] } },
        ],
      },
    })
    // #endregion
    expect(groceries.candidates).toEqual({
      considered: 9,
      afterExclude: 9,
      // All but the gift card (50), cat food and cat litter.
      afterFilter: 6,
      suppressed: 0,
      unknownExcluded: 0,
    })
    await recommender.close()
  })
})
