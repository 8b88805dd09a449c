import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeTinyArtifact } from '../test/tiny-artifact.ts'
import { AS_OF, bought, idsOf } from '../test/tiny-purchases.ts'
import { createMemoryItemStore } from './items/memory-item-store.ts'
import type { Recommendation } from './recommendation.ts'
import { Recommender } from './recommender.ts'

const history = [bought('tea', '2026-01-31')]
const ask = { history, asOf: AS_OF }

let folder: string
let recommender: Recommender
beforeEach(async () => {
  folder = await writeTinyArtifact()
  recommender = await Recommender.load(folder)
})
afterEach(() => recommender.close())

const find = async (itemId: string): Promise<Recommendation | undefined> =>
  (await recommender.recommend(ask)).items.find((item) => item.itemId === itemId)

describe('Recommender.updateItems', () => {
  test('changes price, stock and words of the next answer, and says as of when', async () => {
    expect(await find('tea')).toMatchObject({ price: 5, priceAsOf: '2026-01-31T00:00:00.000Z' })
    const result = await recommender.updateItems([
      { itemId: 'tea', price: 6.5, stock: 3, title: 'Sencha', asOf: '2026-02-01T00:00:00Z' },
    ])
    expect(result).toMatchObject({ updated: 1, added: 0, outdated: 0 })
    expect(await find('tea')).toMatchObject({
      price: 6.5,
      stock: 3,
      title: 'Sencha',
      priceAsOf: '2026-02-01T00:00:00.000Z',
    })
  })

  test('leaves out what is sold out or withdrawn, and counts', async () => {
    await recommender.updateItems([
      { itemId: 'milk', stock: 0 },
      { itemId: 'pan', active: false },
    ])
    const response = await recommender.recommend(ask)
    expect(idsOf(response)).not.toContain('milk')
    expect(idsOf(response)).not.toContain('pan')
    expect(response.candidates).toMatchObject({ considered: 6, available: 4, afterFilter: 4 })
    const popular = await recommender.recommend({ userId: 'nobody', asOf: AS_OF })
    expect(idsOf(popular)).toEqual(['soap', 'tea', 'pot', 'novelty'])
    await recommender.updateItems([{ itemId: 'milk', stock: 1 }])
    expect(await find('milk')).toBeDefined()
  })

  test('does not call a price younger for what says nothing of it, at the next start neither', async () => {
    const items = createMemoryItemStore()
    const price = { itemId: 'tea', price: 6, asOf: '2026-02-01T00:00:00Z' }
    const words = { itemId: 'tea', title: 'Sencha', asOf: '2026-02-03T00:00:00Z' }
    const first = await Recommender.load(folder, { items })
    for (const update of [price, words]) await first.updateItems([update])
    const second = await Recommender.load(folder, { items })
    for (const one of [first, second]) {
      const tea = (await one.recommend(ask)).items.find(({ itemId }) => itemId === 'tea')
      expect(tea).toMatchObject({
        price: 6,
        title: 'Sencha',
        priceAsOf: '2026-02-01T00:00:00.000Z',
      })
      await one.close()
    }
  })

  test('leaves to a newer artifact what was said before it was trained', async () => {
    await recommender.updateItems([
      { itemId: 'tea', price: 1, stock: 4, asOf: '2026-01-01T00:00:00Z' },
    ])
    expect(await find('tea')).toMatchObject({ price: 5, stock: 4 })
  })

  test('keeps what is newer', async () => {
    await recommender.updateItems([{ itemId: 'tea', price: 7, asOf: '2026-02-02T00:00:00Z' }])
    const late = await recommender.updateItems([
      { itemId: 'tea', price: 4, asOf: '2026-02-01T00:00:00Z' },
    ])
    expect(late).toMatchObject({ updated: 0, outdated: 1 })
    expect(await find('tea')).toMatchObject({ price: 7 })
  })

  test('adds an item with the mean vector of its category', async () => {
    const result = await recommender.updateItems([
      { itemId: 'wok', title: 'Wok', categoryPath: ['Kitchen', 'Asian'], price: 30 },
    ])
    expect(result).toMatchObject({ added: 1, vectors: { category: 1, none: 0 } })
    const response = await recommender.recommend({
      history: [bought('pan', '2026-01-31')],
      asOf: AS_OF,
    })
    const wok = response.items.find(({ itemId }) => itemId === 'wok')
    // Pan [0, 1, 0] and pot [0, 0.5, 0.25] have the mean [0, 0.75, 0.125]; the query is [0, 2, 0].
    expect(wok?.score).toBeCloseTo(1.5, 2)
    expect(wok).toMatchObject({ title: 'Wok', price: 30, trained: false })
    expect(response.candidates.considered).toBe(7)
  })

  test('learns the vector of a new item from what its buyers own', async () => {
    await recommender.updateItems([{ itemId: 'kettle' }])
    const before = await recommender.recommend(ask)
    expect(idsOf(before)).not.toContain('kettle')
    await recommender.recordEvents([
      { userId: 'ann', ...bought('tea', '2026-01-01') },
      { userId: 'ann', ...bought('kettle', '2026-01-02') },
    ])
    // Like tea now, [1, 0, 0]; the query is [2, 0, 0].
    expect((await find('kettle'))?.score).toBeCloseTo(2, 2)
  })

  test('remembers items of its store at the next start', async () => {
    const items = createMemoryItemStore()
    const first = await Recommender.load(folder, { items })
    await first.updateItems([
      { itemId: 'wok', categoryPath: ['Kitchen'], attributes: { brand: 'Wu' } },
      { itemId: 'tea', stock: 0 },
    ])
    await first.updateItems([{ itemId: 'wok', price: 30 }])
    const before = await first.recommend(ask)
    await first.close()
    const second = await Recommender.load(folder, { items })
    const after = await second.recommend(ask)
    expect(after.items).toEqual(before.items)
    expect(idsOf(after)).toContain('wok')
    const filtered = await second.recommend({ ...ask, filter: { field: 'brand', in: ['Wu'] } })
    expect(idsOf(filtered)).toEqual(['wok'])
    await second.close()
  })

  test('takes a batch whole or not at all, and names what is wrong', async () => {
    await recommender.updateItems([{ itemId: 'tea', attributes: { brand: 'Wu' } }])
    const wrong = recommender.updateItems([
      { itemId: 'tea', price: 1 },
      { itemId: 'pan', attributes: { brand: 7 } },
    ])
    await expect(wrong).rejects.toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: expect.stringContaining('items[1].attributes.brand'),
      }),
    )
    expect(await find('tea')).toMatchObject({ price: 5 })
  })

  test.each([
    [{ itemId: '' }, '`items[0].itemId`'],
    [{ itemId: 'tea', price: -1 }, '`items[0].price`'],
    [{ itemId: 'tea', asOf: 'today' }, '`items[0].asOf`'],
    [{ itemId: 'tea', colour: 'red' }, 'items[0]'],
  ])('refuses %j', async (update, part) => {
    await expect(recommender.updateItems([update])).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(part) }),
    )
  })
})

describe('maxPriceAgeDays', () => {
  test('flags a price that is too old, or drops its item', async () => {
    const asOf = '2026-02-10T00:00:00Z'
    const flagging = await Recommender.load(folder, { maxPriceAgeDays: 5 })
    const dropping = await Recommender.load(folder, { maxPriceAgeDays: 5, dropStale: true })
    const update = { itemId: 'pan', price: 41, asOf: '2026-02-08T00:00:00Z' }
    for (const one of [flagging, dropping]) await one.updateItems([update])
    const flagged = await flagging.recommend({ history, asOf })
    const isStale = Object.fromEntries(
      flagged.items.map((item) => [item.itemId, item.isStale ?? false]),
    )
    // The novelty has no price that could be stale.
    expect(isStale).toMatchObject({ tea: true, pan: false, novelty: false })
    const dropped = await dropping.recommend({ history, asOf })
    expect(idsOf(dropped)).toEqual(['pan'])
    expect(dropped.candidates.available).toBe(1)
    for (const one of [flagging, dropping]) await one.close()
  })
})

describe('Recommender.similarItems', () => {
  test('ranks by the angle of vectors and leaves the item itself out', async () => {
    const response = await recommender.similarItems({ itemId: 'pan', k: 3 })
    expect(response.path).toBe('vectors')
    const [pot, milk] = response.items
    expect(idsOf(response).slice(0, 2)).toEqual(['pot', 'milk'])
    expect(pot?.score).toBeCloseTo(0.5 / Math.hypot(0.5, 0.25), 3)
    expect(milk?.score).toBeCloseTo(0.25 / Math.hypot(0.75, 0.25), 3)
  })

  test('respects filter and stock, and knows no other items', async () => {
    await recommender.updateItems([{ itemId: 'pot', stock: 0 }])
    const response = await recommender.similarItems({
      itemId: 'pan',
      filter: { field: 'price', max: 4 },
    })
    expect(idsOf(response)).toEqual(['milk', 'soap'])
    await expect(recommender.similarItems({ itemId: 'hat' })).rejects.toThrow(
      expect.objectContaining({ code: 'UNKNOWN_ITEM' }),
    )
  })

  test('falls back to what sells in the category of an item without a vector', async () => {
    await recommender.updateItems([{ itemId: 'thing', categoryPath: ['Garden'] }])
    await recommender.updateItems([{ itemId: 'other', categoryPath: ['Garden'] }])
    const response = await recommender.similarItems({ itemId: 'thing' })
    expect(response.path).toBe('category')
    expect(idsOf(response)).toEqual(['other'])
  })
})
