import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeLifecycleArtifact } from '../test/lifecycle-artifact.ts'
import { writeTinyArtifact } from '../test/tiny-artifact.ts'
import { AS_OF, bought, idsOf } from '../test/tiny-purchases.ts'
import type { HistoryStore } from './history/history-store.ts'
import { createMemoryHistoryStore } from './history/memory-history-store.ts'
import { Recommender } from './recommender.ts'

const asOf = AS_OF
const ofAnn = [bought('tea', '2026-01-30'), bought('pan', '2026-01-31')]

let store: HistoryStore
let recommender: Recommender
beforeEach(async () => {
  store = createMemoryHistoryStore()
  recommender = await Recommender.load(await writeTinyArtifact(), { store })
  await recommender.recordEvents(ofAnn.map((event) => ({ userId: 'ann', ...event })))
})
afterEach(() => recommender.close())

describe('consent', () => {
  test('without it stored events are not looked at, and the answer says so', async () => {
    const known = await recommender.recommend({ userId: 'ann', asOf })
    expect(known).toMatchObject({ path: 'model', consent: true })
    const unknown = await recommender.recommend({ userId: 'ann', asOf, consent: false })
    expect(unknown).toMatchObject({ path: 'popular', consent: false, history: { used: 0 } })
    expect(unknown.note).toContain('consent')
    const history = [bought('soap', '2026-01-31')]
    const context = await recommender.recommend({ userId: 'ann', history, asOf, consent: false })
    const same = await recommender.recommend({ history, asOf })
    expect(context.items).toEqual(same.items)
    expect(recommender.statistics().queryCache.numUsers).toBe(1)
  })

  test('without it an event is not stored', async () => {
    const result = await recommender.recordEvents([
      { userId: 'bob', ...bought('tea', '2026-01-30'), consent: false },
      { userId: 'bob', ...bought('pan', '2026-01-30') },
    ])
    expect(result).toMatchObject({ accepted: 1, withoutConsent: 1 })
    expect((await store.read('bob')).events.map(({ itemId }) => itemId)).toEqual(['pan'])
  })
})

describe('the query cache', () => {
  test('answers again without a run of the network until the history changes', async () => {
    const ask = () => recommender.recommend({ userId: 'ann', asOf })
    const first = await ask()
    const { encoder } = recommender.statistics()
    const second = await ask()
    expect(second.items).toEqual(first.items)
    expect(recommender.statistics().encoder.numRuns).toBe(encoder.numRuns)
    expect(recommender.statistics().queryCache).toMatchObject({ numHits: 1, numMisses: 1 })
    await recommender.recordEvents([{ userId: 'ann', ...bought('soap', '2026-02-01') }])
    const third = await ask()
    const fresh = await recommender.recommend({
      history: [...ofAnn, bought('soap', '2026-02-01')],
      asOf,
    })
    expect(third.items).toEqual(fresh.items)
    expect(third.items).not.toEqual(first.items)
  })

  test('does not answer with what was found before items changed', async () => {
    const ask = (k = 10) => recommender.recommend({ userId: 'ann', asOf, k })
    const before = await ask()
    expect(before.items.map(({ itemId }) => itemId)).toContain('milk')
    await recommender.updateItems([{ itemId: 'milk', stock: 0 }])
    expect((await ask()).items.map(({ itemId }) => itemId)).not.toContain('milk')
    const filtered = { userId: 'ann', asOf, filter: { field: 'price', max: 4 } } as const
    expect((await recommender.recommend(filtered)).items.map(({ itemId }) => itemId)).toEqual([
      'soap',
    ])
    await recommender.updateItems([{ itemId: 'milk', stock: 2 }])
    // Stock is told with the item, the rest is as before.
    const again = (await ask()).items.map(({ stock: _, priceAsOf: __, ...item }) => item)
    expect(again).toEqual(before.items.map(({ priceAsOf: _, ...item }) => item))
    await recommender.updateItems([{ itemId: 'kettle', categoryPath: ['Kitchen'] }])
    const fresh = await recommender.recommend({ history: ofAnn, asOf })
    expect((await ask()).items).toEqual(fresh.items)
    expect(fresh.items.map(({ itemId }) => itemId)).toContain('kettle')
  })

  test('does not mix up questions about different times', async () => {
    const early = '2026-01-30T12:00:00Z'
    await recommender.recommend({ userId: 'ann', asOf })
    const cached = await recommender.recommend({ userId: 'ann', asOf: early })
    const fresh = await recommender.recommend({ history: ofAnn.slice(0, 1), asOf: early })
    expect(cached.items).toEqual(fresh.items)
  })
})

describe('Recommender.recordFeedback', () => {
  test('sends items that were shown down the list, the longer ago the less', async () => {
    const { recommendationId, items } = await recommender.recommend({ userId: 'ann', asOf })
    // Second by little; a first place with a wide lead stays one.
    const second = items[1]?.itemId as string
    const result = await recommender.recordFeedback({
      recommendationId,
      userId: 'ann',
      items: [{ itemId: second, outcome: 'shown' }],
      timestamp: asOf,
    })
    expect(result).toEqual({
      accepted: 1,
      modelVersion: recommender.modelVersion,
      path: 'model',
    })
    const next = await recommender.recommend({ userId: 'ann', asOf })
    const rankOf = (response: typeof next) => idsOf(response).indexOf(second)
    expect(rankOf(next)).toBeGreaterThan(1)
    const later = { userId: 'ann', asOf: '2026-04-01T12:00:00Z' }
    const [muchLater, never] = await recommender.recommendBatch([
      later,
      { ...later, rotation: false },
    ])
    expect(muchLater?.items).toEqual(never?.items)
    const off = await recommender.recommend({ userId: 'ann', asOf, rotation: false })
    expect(rankOf(off)).toBe(1)
  })

  test('counts by model, path and outcome', async () => {
    const { recommendationId } = await recommender.recommend({ userId: 'nobody', asOf })
    await recommender.recordFeedback({
      recommendationId,
      items: [
        { itemId: 'tea', outcome: 'clicked' },
        { itemId: 'milk', outcome: 'clicked' },
        { itemId: 'milk', outcome: 'bought' },
      ],
    })
    const origin = { modelVersion: recommender.modelVersion, path: 'popular' }
    expect(recommender.statistics().feedback).toEqual([
      { ...origin, outcome: 'clicked', numItems: 2 },
      { ...origin, outcome: 'bought', numItems: 1 },
    ])
  })

  test.each([
    [{ recommendationId: 'r1', items: [] }, 'recommendationId'],
    [{ items: [{ itemId: 'tea', outcome: 'eaten' }] }, 'items[0].outcome'],
    [{ items: [{ itemId: '', outcome: 'shown' }] }, 'items[0].itemId'],
  ])('refuses %j', async (part, message) => {
    const { recommendationId } = await recommender.recommend({ userId: 'nobody', asOf })
    const feedback = { recommendationId, ...part } as Parameters<Recommender['recordFeedback']>[0]
    await expect(recommender.recordFeedback(feedback)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(message) }),
    )
  })
})

describe('Recommender.mergeUsers', () => {
  test('makes what an anonymous visitor bought part of a user', async () => {
    await recommender.recordEvents([{ userId: 'visitor-1', ...bought('soap', '2026-02-01') }])
    await recommender.recommend({ userId: 'ann', asOf })
    expect(await recommender.mergeUsers({ fromUserId: 'visitor-1', intoUserId: 'ann' })).toEqual({
      numMoved: 1,
    })
    const merged = await recommender.recommend({ userId: 'ann', asOf })
    const same = await recommender.recommend({
      history: [...ofAnn, bought('soap', '2026-02-01')],
      asOf,
    })
    expect(merged.items).toEqual(same.items)
    expect((await store.read('visitor-1')).events).toEqual([])
    await expect(recommender.mergeUsers({ fromUserId: 'ann', intoUserId: 'ann' })).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})

describe('Recommender.eraseUser', () => {
  test('forgets a user and says what was erased where and what remains', async () => {
    await recommender.recommend({ userId: 'ann', asOf })
    const receipt = await recommender.eraseUser('ann')
    expect(receipt.erased).toContainEqual({
      place: 'history-store',
      what: '2 events and 0 times that an item was shown',
    })
    expect(receipt.erased).toContainEqual({ place: 'query-cache', what: 'his query' })
    expect(receipt.remaining[0]).toMatchObject({
      place: 'model',
      what: expect.stringContaining(recommender.modelVersion),
    })
    expect(JSON.stringify(receipt)).not.toContain('ann')
    expect(await recommender.recommend({ userId: 'ann', asOf })).toMatchObject({
      path: 'popular',
      history: { used: 0 },
    })
  })

  test('lets what he bought before his erasure count for nobody at the next start', async () => {
    const folder = await writeLifecycleArtifact({ weights: { 'score.user_knn': 1 } })
    const shared = createMemoryHistoryStore()
    const panScore = async (one: Recommender) =>
      (
        await one.recommend({ history: [bought('tea', '2026-01-10')], asOf, explain: false })
      ).items.find(({ itemId }) => itemId === 'pan')?.score
    const first = await Recommender.load(folder, { store: shared })
    const before = await panScore(first)
    for (const userId of ['ann', 'bob', 'cat']) await first.eraseUser(userId)
    await first.close()
    const second = await Recommender.load(folder, { store: shared })
    expect(await panScore(second)).not.toBe(before)
    await second.close()
  })
})
