import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ItemStore } from '../src/items/item-store.ts'
import { openLmdbItemStore } from '../src/items/lmdb-item-store.ts'
import { createMemoryItemStore } from '../src/items/memory-item-store.ts'
import { connectRedisItemStore } from '../src/items/redis-item-store.ts'
import { Recommender } from '../src/recommender.ts'
import { hasRedis, NO_REDIS, type RedisServer, startRedis } from './history-redis-server.ts'
import { writeTinyArtifact } from './tiny-artifact.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-items-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What every store does. */
function testItemStore(open: (namespace: string) => Promise<ItemStore>): void {
  test('gives back what was put since an earlier answer, in order of the last put', async () => {
    const store = await open('since')
    expect(await store.changesSince(0)).toEqual({ sequence: 0, items: [] })
    await store.put([item('tea', 1, { price: 5 }), item('pan', 1, { price: 40 })])
    const first = await store.changesSince(0)
    expect(first.items.map(({ itemId }) => itemId)).toEqual(['tea', 'pan'])
    await store.put([item('tea', 2, { price: 6 })])
    const second = await store.changesSince(first.sequence)
    expect(second.items).toEqual([item('tea', 2, { price: 6 })])
    expect((await store.changesSince(0)).items.map(({ itemId }) => itemId)).toEqual(['pan', 'tea'])
    expect((await store.changesSince(second.sequence)).items).toEqual([])
    await store.close()
  })

  test('keeps the newest value of each field', async () => {
    const store = await open('merge')
    await store.put([
      item('tea', 5, { price: 5, stock: 1, attributes: { brand: 'Wu', red: true } }),
    ])
    await store.put([item('tea', 6, { stock: null, attributes: { brand: null } })])
    await store.put([item('tea', 4, { price: 1, title: 'late' })])
    const { items } = await store.changesSince(0)
    expect(items).toEqual([
      item('tea', 6, { price: 5, stock: null, attributes: { brand: null, red: true } }),
    ])
    await store.close()
  })

  test('keeps namespaces apart', async () => {
    const [one, other] = [await open('one'), await open('other')]
    await one.put([item('tea', 1, { price: 5 })])
    expect((await other.changesSince(0)).items).toEqual([])
    await one.close()
    await other.close()
  })
}

function item(itemId: string, asOfMs: number, changes: object) {
  return { itemId, changes: { asOfMs, ...changes } }
}

describe('createMemoryItemStore', () => {
  testItemStore(async () => createMemoryItemStore())
})

describe('openLmdbItemStore', () => {
  testItemStore(async (namespace) =>
    openLmdbItemStore({ folder: join(folder, namespace), namespace }),
  )

  test('keeps all when it is closed and opened again', async () => {
    const open = () => openLmdbItemStore({ folder: join(folder, 'again') })
    const first = open()
    await first.put([item('tea', 1, { price: 5, categoryPath: ['Drinks'] })])
    await first.close()
    const second = open()
    expect((await second.changesSince(0)).items).toEqual([
      item('tea', 1, { price: 5, categoryPath: ['Drinks'] }),
    ])
    await second.close()
  })
})

describe.skipIf(!hasRedis())(`connectRedisItemStore${hasRedis() ? '' : ` (${NO_REDIS})`}`, () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  const open = (namespace: string): Promise<ItemStore> =>
    connectRedisItemStore({ url: redis.url, namespace: `${namespace}-${process.pid}` })
  testItemStore(open)

  test('loses no field when two processes put one item at once', async () => {
    const stores = await Promise.all(['both', 'both'].map(open))
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        stores[i % 2]?.put([item('tea', 1, { attributes: { [`a${i}`]: i } })]),
      ),
    )
    const changes = await stores[0]?.changesSince(0)
    expect(Object.keys(changes?.items[0]?.changes.attributes ?? {})).toHaveLength(20)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('one replica answers with what was put through another, within two seconds', async () => {
    const artifact = await writeTinyArtifact()
    const stores = await Promise.all(['replicas', 'replicas'].map(open))
    const [first, second] = await Promise.all(
      stores.map((items) => Recommender.load(artifact, { items })),
    )
    await first?.updateItems([{ itemId: 'tea', stock: 0 }])
    await expect
      .poll(async () => (await second?.recommend({ userId: 'nobody' }))?.candidates.available, {
        timeout: 2000,
      })
      .toBe(5)
    for (const one of [first, second]) await one?.close()
    await Promise.all(stores.map((store) => store.close()))
  })

  test('says that the server cannot be reached', async () => {
    const connecting = connectRedisItemStore({ url: 'redis://127.0.0.1:1', commandTimeoutMs: 200 })
    await expect(connecting).rejects.toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
  })
})
