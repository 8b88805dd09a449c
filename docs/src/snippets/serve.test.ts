// #region serve-in-process
import { Recommender } from '@perennial/serve'
// #endregion

// #region serve-stores
import { openStores } from '@perennial/serve'
// #endregion

import { startServer } from '@perennial/serve'
// #region serve-client
import { createClient } from '@perennial/serve/client'
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

      await recommender.recordEvents([
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
    expect(groceries.candidates).toMatchObject({
      considered: 9,
      afterExclude: 9,
      available: 9,
      // All but the gift card (50), cat food and cat litter.
      afterFilter: 6,
      suppressed: 0,
      unknownExcluded: 0,
    })
    await recommender.close()
  })

  test('a policy, live items, stores, feedback and an erasure', async () => {
    // #region serve-stores
    const stores = await openStores('state')
    const recommender = await Recommender.load('artifact', { ...stores, dataset: 'data' })
    // #endregion

    // #region serve-items
    await recommender.updateItems([
      { itemId: 'teapot', price: 12.5, stock: 3, attributes: { brand: 'Wu' } },
      { itemId: 'honey', stock: 0 },
      { itemId: 'matcha', title: 'Matcha', categoryPath: ['Pantry', 'green tea'], price: 14 },
    ])
    // #endregion

    // #region serve-policy
    const list = await recommender.recommend({
      userId: 'C0007',
      k: 5,
      filter: { not: { field: 'stock', max: 1 } },
      budget: { max: 15 },
      diversity: { strength: 0.3, maxPerCategory: 2 },
      rotation: { halfLifeDays: 2 },
      gift: false,
      minRelevance: 0.1,
      promoted: [{ itemId: 'matcha', slot: 2 }],
    })
    // #endregion
    expect(list.items[1]).toMatchObject({ itemId: 'matcha', isPromoted: true, trained: false })
    expect(list.items.map(({ itemId }) => itemId)).not.toContain('honey')
    expect(list.candidates.available).toBe(9)

    // #region serve-similar
    const { items: alike } = await recommender.similarItems({ itemId: 'green-tea', k: 3 })
    // #endregion
    expect(alike).toHaveLength(3)

    // #region serve-feedback
    await recommender.recordFeedback({
      recommendationId: list.recommendationId,
      userId: 'C0007',
      items: list.items.map(({ itemId }) => ({ itemId, outcome: 'shown' as const })),
    })
    // #endregion
    expect(recommender.statistics().feedback).toMatchObject([{ outcome: 'shown', numItems: 5 }])

    // #region serve-erase
    const receipt = await recommender.eraseUser('C0007')
    await recommender.compact()
    await recommender.close()
    await stores.close()
    // #endregion
    expect(receipt.erased.map(({ place }) => place)).toEqual([
      'history-store',
      'query-cache',
      'lifecycle-state',
    ])
  })

  test('a client over HTTP', async () => {
    const server = await startServer({ artifact: 'artifact', dataset: 'data', port: 0 })
    const { url } = server
    // #region serve-client
    const client = createClient({ baseUrl: url, apiKey: process.env.PERENNIAL_KEY })
    const { items } = await client.recommend({ userId: 'C0007', k: 3 })
    // #endregion
    expect(items).toHaveLength(3)
    await server.close()
  })
})
