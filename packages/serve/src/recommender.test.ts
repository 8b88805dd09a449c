import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DATASET_FILES, writeEventsFile, writeItemsFile } from '@perennial/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TINY_ITEMS, writeTinyArtifact } from '../test/tiny-artifact.ts'
import { createMemoryHistoryStore } from './history/memory-history-store.ts'
import type { HistoryEvent, RecommendRequest, RecommendResponse } from './recommendation.ts'
import { Recommender } from './recommender.ts'

const bought = (itemId: string, day: string): HistoryEvent => ({
  itemId,
  timestamp: `${day}T09:00:00Z`,
})
const asOf = '2026-02-01T12:00:00.000Z'
/** Tea 20 days ago, the pan 10 days ago, tea today: query = mean [2/3, 1/3, 0] + newest [1, 0, 0]. */
const history = [
  bought('tea', '2026-01-12'),
  bought('pan', '2026-01-22'),
  bought('tea', '2026-02-01'),
]
const ids = ({ items }: RecommendResponse): string[] => items.map(({ itemId }) => itemId)
const withoutId = ({ recommendationId: _, ...rest }: RecommendResponse): object => rest
const invalidInput = (part: string) =>
  expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(part) })

let folder: string
let recommender: Recommender
beforeAll(async () => {
  folder = await writeTinyArtifact()
  recommender = await Recommender.load(folder)
})
afterAll(() => recommender.close())

describe('Recommender.recommend', () => {
  test('ranks by query score plus repeat score, and says why from these parts', async () => {
    const response = await recommender.recommend({ history, asOf })
    const q = [5 / 3, 1 / 3, 0] as const
    expect(response).toMatchObject({
      modelVersion: recommender.modelVersion,
      path: 'model',
      asOf,
      history: { used: 3, truncated: 0, later: 0, unknownItemIds: [] },
      candidates: {
        considered: 6,
        afterExclude: 6,
        available: 6,
        afterFilter: 6,
        unknownExcluded: 0,
        ranked: 6,
      },
      relaxed: [],
      consent: true,
    })
    const [tea, milk, novelty, pan, pot, soap] = response.items
    expect(response.items.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6])
    expect(tea?.score).toBeCloseTo(q[0] + 0.5 * Math.log(1 + 1 / 4 + 1), 5)
    expect(milk?.score).toBeCloseTo(0.75 * q[0] + 0.25 * q[1], 5)
    expect(novelty?.score).toBeCloseTo(0.5 * q[0], 5)
    expect(pan?.score).toBeCloseTo(q[1] + 0.5 * Math.log(1 + 1 / 2), 5)
    expect(pot?.score).toBeCloseTo(0.5 * q[1], 5)
    expect(soap?.score).toBeCloseTo(0, 5)
    // Without tea the query is [0, 2, 0], without the pan [2, 0, 0]; the mean query score is 26 / 36.
    expect(tea).toMatchObject({ itemId: 'tea', title: 'Green tea', price: 5, trained: true })
    expect(tea?.reason).toEqual({ code: 'sequence' })
    expect(milk).toMatchObject({
      itemId: 'milk',
      reason: { code: 'because-of', itemId: 'tea', title: 'Green tea' },
    })
    expect(novelty).toEqual({
      itemId: 'novelty',
      rank: 3,
      score: novelty?.score,
      reason: { code: 'because-of', itemId: 'tea', title: 'Green tea' },
      trained: false,
    })
    expect(pan).toMatchObject({
      itemId: 'pan',
      reason: { code: 'repeat', timesBought: 1, daysSinceLast: 10, typicalGapDays: null },
    })
    expect(pot).toMatchObject({ itemId: 'pot', reason: { code: 'because-of', itemId: 'pan' } })
    expect(soap).toMatchObject({ itemId: 'soap', reason: { code: 'sequence' } })
  })

  test('sorts the events of a request by time', async () => {
    const [first, second] = await recommender.recommendBatch([
      { history, asOf },
      { history: history.toReversed(), asOf },
    ])
    expect(second?.items).toEqual(first?.items)
  })

  test('breaks ties by popularity, then by place in the catalogue', async () => {
    const response = await recommender.recommend({ history: [bought('tea', '2026-02-01')], asOf })
    // query = [2, 0, 0]: the pan, the pot and soap all score 0; they were bought 20, 5 and 20 times.
    expect(ids(response)).toEqual(['tea', 'milk', 'novelty', 'pan', 'soap', 'pot'])
  })

  test('names the only item of a history as the reason', async () => {
    const response = await recommender.recommend({ history: [bought('tea', '2026-02-01')], asOf })
    expect(response.items[1]?.reason).toEqual({
      code: 'because-of',
      itemId: 'tea',
      title: 'Green tea',
    })
  })

  test('shows the network the newest events only, and counts older ones as repeats', async () => {
    const old = bought('soap', '2026-01-31')
    const recent = Array.from({ length: 4 }, () => bought('tea', '2026-02-01'))
    const response = await recommender.recommend({ history: [old, old, ...recent], asOf })
    expect(response.history).toMatchObject({ used: 4, truncated: 2 })
    const soap = response.items.find(({ itemId }) => itemId === 'soap')
    expect(soap?.score).toBeCloseTo(0 + 0.5 * Math.log(1 + 0.5 ** (1 / 10)), 5)
    expect(soap?.reason).toMatchObject({ code: 'repeat', timesBought: 1, daysSinceLast: 1 })
  })

  test('leaves out events after the time of the question', async () => {
    const early = await recommender.recommend({ history, asOf: '2026-01-30T00:00:00Z' })
    const same = await recommender.recommend({
      history: history.slice(0, 2),
      asOf: '2026-01-30T00:00:00Z',
    })
    expect(early.history).toMatchObject({ used: 2, later: 1 })
    expect(early.items).toEqual(same.items)
  })

  test('asks as of now when the request names no time', async () => {
    const before = Date.now()
    const response = await recommender.recommend({ history })
    expect(Date.parse(response.asOf)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(response.asOf)).toBeLessThanOrEqual(Date.now())
  })

  test('answers unknown items with the rest of the history, and names them', async () => {
    const unknown = [
      bought('hat', '2026-01-20'),
      bought('coat', '2026-01-21'),
      bought('hat', '2026-01-23'),
    ]
    const response = await recommender.recommend({ history: [...history, ...unknown], asOf })
    const plain = await recommender.recommend({ history, asOf })
    expect(response.history).toMatchObject({ used: 3, unknownItemIds: ['hat', 'coat'] })
    expect(response.items).toEqual(plain.items)
  })

  test.each<[string, RecommendRequest, string, string[]]>([
    ['a user never seen', { userId: 'nobody' }, 'no events are known', []],
    ['an empty history', { history: [] }, 'no events are known', []],
    [
      'a history of unknown items',
      { history: [bought('hat', '2026-01-20')] },
      'that the model knows',
      ['hat'],
    ],
    ['a history after asOf', { history: [bought('tea', '2026-03-01')] }, 'after asOf', []],
  ])('ranks by popularity for %s, and says so', async (_, request, note, unknownItemIds) => {
    const response = await recommender.recommend({ asOf, ...request })
    expect(response).toMatchObject({ path: 'popular', history: { used: 0, unknownItemIds } })
    expect(response.note).toContain(note)
    expect(ids(response)).toEqual(['milk', 'pan', 'soap', 'tea', 'pot', 'novelty'])
    expect(response.items[0]).toMatchObject({ score: 30, reason: { code: 'popular' } })
  })

  test('leaves out what exclude and filter forbid, and counts', async () => {
    const request: RecommendRequest = {
      asOf,
      exclude: ['tea', 'hat', 'tea'],
      filter: { not: { field: 'categoryPath', under: ['Kitchen'] } },
    }
    const candidates = {
      considered: 6,
      afterExclude: 5,
      available: 5,
      afterFilter: 3,
      suppressed: 0,
      unknownExcluded: 1,
    }
    const ranked = await recommender.recommend({ history, ...request })
    expect(ids(ranked)).toEqual(['milk', 'novelty', 'soap'])
    expect(ranked.candidates).toMatchObject({ ...candidates, ranked: 3 })
    const popular = await recommender.recommend({ userId: 'nobody', ...request })
    expect(ids(popular)).toEqual(['milk', 'soap', 'novelty'])
    expect(popular.candidates).toMatchObject({ ...candidates, ranked: 3 })
  })

  test('returns an empty list when nothing is allowed', async () => {
    const filter = { field: 'price', min: 1000 } as const
    const [ranked, popular] = await recommender.recommendBatch([
      { history, filter },
      { userId: 'nobody', filter },
    ])
    expect(ranked).toMatchObject({ items: [], candidates: { afterFilter: 0 } })
    expect(popular).toMatchObject({ items: [], candidates: { afterFilter: 0 } })
  })

  test('returns k items, 10 or all when the request does not say', async () => {
    const first = await recommender.recommend({ history, asOf, k: 2 })
    expect(ids(first)).toEqual(['tea', 'milk'])
    expect((await recommender.recommend({ userId: 'nobody', k: 2 })).items).toHaveLength(2)
  })

  test('gives the same items without reasons when explain is false', async () => {
    const [plain, explained] = await recommender.recommendBatch([
      { history, asOf, explain: false },
      { history, asOf },
    ])
    expect(plain?.items).toEqual(
      explained?.items.map(({ reason: _, alsoReasons: __, ...item }) => item),
    )
  })

  test.each<[object, string]>([
    [{}, 'neither'],
    [{ userId: 'u', history }, 'both'],
    [null as unknown as object, '`request`'],
    [{ history: [null] }, '`history[0]`'],
    [{ userId: '' }, '`userId`'],
    [{ history: [{ itemId: 'tea', timestamp: 'yesterday' }] }, '`history[0].timestamp`'],
    [{ history: [{ itemId: 'tea', timestamp: '2026-01-31' }] }, '`history[0].timestamp`'],
    [{ history: [{ itemId: 7, timestamp: asOf }] }, '`history[0].itemId`'],
    [{ history: [{ itemId: 'tea', timestamp: asOf, quantity: 0 }] }, '`history[0].quantity`'],
    [{ userId: 'u', exclude: 'tea' }, '`exclude`'],
    [{ userId: 'u', exclude: [1] }, '`exclude[0]`'],
    [{ userId: 'u', asOf: 'now' }, '`asOf`'],
    [{ userId: 'u', asOf: '2026-02-30T00:00:00Z' }, '`asOf`'],
    [{ userId: 'u', filter: { field: 'colour' } }, '`filter`'],
    [{ userId: 'u', filter: { field: 'colour', in: ['red'] } }, '`filter.field`'],
    [{ userId: 'u', budget: { max: -1 } }, '`budget.max`'],
    [{ userId: 'u', surprise: 1 }, 'surprise'],
    [{ userId: 'u', consent: 'yes' }, '`consent`'],
    [{ userId: 'x'.repeat(257) }, '`userId`'],
  ])('refuses %j and names the field', async (request, part) => {
    await expect(recommender.recommend(request)).rejects.toThrow(invalidInput(part))
  })

  test.each([0, 1001, 1.5])('refuses k = %d', async (k) => {
    await expect(recommender.recommend({ userId: 'u', k })).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('Recommender.recommendBatch', () => {
  test('answers each request as recommend does, over several calls of the network', async () => {
    const itemIds = TINY_ITEMS.map(({ itemId }) => itemId)
    const requests = Array.from({ length: 40 }, (_, i): RecommendRequest => {
      const length = i % 7
      const events = Array.from({ length }, (_, j) =>
        bought(itemIds[(i + j * j) % 6] as string, `2026-01-1${j}`),
      )
      return { history: events, asOf, k: 1 + (i % 6), explain: i % 3 > 0 }
    })
    const batch = await recommender.recommendBatch(requests)
    expect(batch).toHaveLength(40)
    for (const [i, request] of requests.entries()) {
      const single = await recommender.recommend(request)
      expect(withoutId(batch[i] as RecommendResponse)).toEqual(withoutId(single))
    }
    expect(new Set(batch.map(({ recommendationId }) => recommendationId)).size).toBe(40)
  })

  test('says which request is wrong', async () => {
    const wrong = recommender.recommendBatch([{ history }, { history, asOf: 'now' }])
    await expect(wrong).rejects.toThrow(invalidInput('In requests[1]: Expected `asOf`'))
  })

  test('stops when aborted', async () => {
    const stopped = recommender.recommendBatch([{ history }], { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toThrow('aborted')
  })
})

describe('Recommender.recordEvents', () => {
  test('makes a user known, stores an event id once, and keeps unknown items', async () => {
    const events = history.map((event, i) => ({ ...event, userId: 'ann', eventId: `e${i}` }))
    const extra = { userId: 'ann', ...bought('hat', '2026-01-13') }
    expect(await recommender.recordEvents([...events, extra])).toEqual({
      accepted: 4,
      duplicates: 0,
      tooOld: 0,
      withoutConsent: 0,
      unknownItemIds: ['hat'],
    })
    expect(await recommender.recordEvents(events)).toMatchObject({ accepted: 0, duplicates: 3 })
    const response = await recommender.recommend({ userId: 'ann', asOf })
    const same = await recommender.recommend({ history, asOf })
    expect(response.path).toBe('model')
    expect(response.history.unknownItemIds).toEqual(['hat'])
    expect(response.items).toEqual(same.items)
  })

  test('stores nothing when one event is wrong', async () => {
    const events = [
      { userId: 'bob', ...bought('tea', '2026-01-13') },
      { userId: 'bob', itemId: 'tea', timestamp: 'soon' },
    ]
    await expect(recommender.recordEvents(events)).rejects.toThrow(
      invalidInput('`events[1].timestamp`'),
    )
    expect((await recommender.recommend({ userId: 'bob', asOf })).path).toBe('popular')
  })

  test('counts events older than a full history', async () => {
    const store = createMemoryHistoryStore({ maxEventsPerUser: 1 })
    const small = await Recommender.load(folder, { store })
    const events = [bought('tea', '2026-01-13'), bought('pan', '2026-01-12')]
    const recorded = await small.recordEvents(events.map((event) => ({ userId: 'cid', ...event })))
    expect(recorded).toMatchObject({ accepted: 1, tooOld: 1 })
    await small.close()
  })
})

describe('Recommender.load', () => {
  test('knows the users of a data set', async () => {
    const dataset = await mkdtemp(join(tmpdir(), 'perennial-dataset-'))
    await writeEventsFile(join(dataset, DATASET_FILES.events), {
      userIds: ['dora', 'ann'],
      itemIds: ['', 'pan', 'tea'],
      eventTypeNames: ['purchase'],
      currency: null,
      userRows: Int32Array.of(0, 1, 1, 1),
      itemRows: Int32Array.of(1, 2, 1, 2),
      timestampMs: Float64Array.of(0, ...history.map(({ timestamp }) => Date.parse(timestamp))),
      quantities: Float32Array.of(1, 1, 1, 1),
      prices: new Float32Array(4).fill(Number.NaN),
      eventTypes: new Uint8Array(4),
    })
    await writeItemsFile(join(dataset, DATASET_FILES.items), TINY_ITEMS)
    const filled = await Recommender.load(folder, { dataset })
    const response = await filled.recommend({ userId: 'ann', asOf })
    const same = await recommender.recommend({ history, asOf })
    expect(response.items).toEqual(same.items)
    await filled.close()
  })

  test('uses the index asked for', async () => {
    expect(recommender.index).toMatchObject({ kind: 'exact-float32', numItems: 6 })
    const wrong = Recommender.load(folder, { index: 'flat' as 'exact' })
    await expect(wrong).rejects.toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  test('refuses a folder that is no artifact, and a manifest with an impossible blend', async () => {
    const badArtifact = expect.objectContaining({ code: 'BAD_ARTIFACT' })
    await expect(Recommender.load(join(folder, 'nothing'))).rejects.toThrow(badArtifact)
    const impossible = await writeTinyArtifact({ blend: { repeatWeight: 1, halfLifeDays: 0 } })
    await expect(Recommender.load(impossible)).rejects.toThrow(badArtifact)
  })
})

describe('Recommender.close', () => {
  test('lets answers under way finish and refuses later calls', async () => {
    const closing = await Recommender.load(folder)
    const underWay = closing.recommendBatch(Array.from({ length: 100 }, () => ({ history, asOf })))
    await Promise.all([closing.close(), closing.close()])
    expect(await underWay).toHaveLength(100)
    const closed = expect.objectContaining({ code: 'ENGINE_UNAVAILABLE' })
    await expect(closing.recommend({ history })).rejects.toThrow(closed)
    await expect(closing.recordEvents([])).rejects.toThrow(closed)
  })
})
