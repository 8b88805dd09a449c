import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectRedisHistoryStore } from '../src/history/connect-redis-history-store.ts'
import type { HistoryStoreOptions } from '../src/history/history-options.ts'
import type { HistoryStore } from '../src/history/history-store.ts'
import { createMemoryHistoryStore } from '../src/history/memory-history-store.ts'
import { openLmdbHistoryStore } from '../src/history/open-lmdb-history-store.ts'
import { testAgainstModel } from './history-model-case.ts'
import { hasRedis, NO_REDIS, type RedisServer, startRedis } from './history-redis-server.ts'
import { itemsOf, purchase, testHistoryStore } from './history-store-cases.ts'

let root: string
const opened: HistoryStore[] = []
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-history-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
})
afterAll(() => rm(root, { recursive: true }))

/** A name that no other test or run has. */
let numNames = 0
const newName = () => `test-${process.pid}-${numNames++}`

async function keep(store: Promise<HistoryStore>): Promise<HistoryStore> {
  opened.push(await store)
  return store
}

const openLmdb = (options: HistoryStoreOptions = {}) =>
  keep(openLmdbHistoryStore({ folder: join(root, newName()), ...options }))

describe('createMemoryHistoryStore', () => {
  const open = async (options?: HistoryStoreOptions) => createMemoryHistoryStore(options)
  testHistoryStore(open)
  testAgainstModel(open)
})

describe('openLmdbHistoryStore', () => {
  testHistoryStore(openLmdb)
  testAgainstModel(openLmdb)

  test('keeps all when it is closed and opened again', async () => {
    const folder = join(root, newName())
    const store = await openLmdbHistoryStore({ folder })
    await store.append('ann', [purchase('a', 1, 'e1')])
    await store.erase('bob')
    const [history, erasures] = [await store.read('ann'), await store.erasures()]
    void store.append('ann', [purchase('b', 2, 'e2')])
    await store.close()
    const again = await keep(openLmdbHistoryStore({ folder }))
    expect(itemsOf(await again.read('ann'))).toBe('ab')
    expect(await again.append('ann', [purchase('a', 1, 'e1')])).toEqual(['duplicate'])
    expect((await again.read('ann')).version).toBeGreaterThan(history.version)
    expect(await again.erasures()).toEqual(erasures)
  })

  test('keeps tenants apart', async () => {
    const folder = join(root, newName())
    const open = (namespace: string) => keep(openLmdbHistoryStore({ folder, namespace }))
    const [red, blue] = [await open('red'), await open('blue')]
    await red.append('ann', [purchase('a', 1)])
    expect((await blue.read('ann')).events).toEqual([])
    expect(await blue.statistics()).toMatchObject({ numUsers: 0 })
  })

  test('refuses calls after close', async () => {
    const store = await openLmdb()
    await store.close()
    await expect(store.read('u')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.append('u', [purchase('a', 1)])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
  })
})

describe.skipIf(!hasRedis())(
  `connectRedisHistoryStore${hasRedis() ? '' : ` (${NO_REDIS})`}`,
  () => {
    let server: RedisServer
    beforeAll(async () => {
      server = await startRedis()
    })
    afterAll(() => server.stop())

    const connect = (options: HistoryStoreOptions = {}) =>
      keep(connectRedisHistoryStore({ url: server.url, ...options }))
    const open = (options: HistoryStoreOptions = {}) =>
      connect({ ...options, namespace: newName() })
    testHistoryStore(open)
    testAgainstModel(open)

    test('keeps tenants apart', async () => {
      const [red, blue] = [await open(), await open()]
      await red.append('ann', [purchase('a', 1)])
      expect((await blue.read('ann')).events).toEqual([])
      expect(await blue.statistics()).toMatchObject({ numUsers: 0 })
    })

    test('lets two replicas append to the same users at once', async () => {
      const namespace = newName()
      const replicas = [await connect({ namespace }), await connect({ namespace })]
      const userIds = ['ann', 'bob', 'cid']
      const results = await Promise.all(
        replicas.flatMap((replica, r) =>
          userIds.flatMap((userId) =>
            // Events 50 to 99 are sent through both.
            Array.from({ length: 100 }, (_, i) => {
              const number = i + 50 * r
              return replica.append(userId, [purchase(`${number} `, number, `e${number}`)])
            }),
          ),
        ),
      )
      expect(results.flat().filter((result) => result === 'added')).toHaveLength(3 * 150)
      expect(results.flat().filter((result) => result === 'duplicate')).toHaveLength(3 * 50)
      const expected = Array.from({ length: 150 }, (_, i) => `${i} `).join('')
      for (const userId of userIds) {
        const [left, right] = await Promise.all(replicas.map((replica) => replica.read(userId)))
        expect(left && itemsOf(left)).toBe(expected)
        expect(right).toEqual(left)
      }
      for (const replica of replicas) {
        expect(await replica.statistics()).toMatchObject({ numUsers: 3, numEvents: 450 })
      }
    })

    test('lets one replica merge and erase what another appends', async () => {
      const namespace = newName()
      const [left, right] = [await connect({ namespace }), await connect({ namespace })]
      const appends = Array.from({ length: 50 }, (_, i) =>
        left.append('anonymous', [purchase('a', i, `e${i}`)]),
      )
      const merges = Array.from({ length: 10 }, () => right.merge('anonymous', 'ann'))
      await Promise.all([...appends, ...merges])
      await right.merge('anonymous', 'ann')
      expect((await left.read('ann')).events).toHaveLength(50)
      await right.erase('ann')
      expect((await left.read('ann')).events).toEqual([])
      expect(await left.statistics()).toMatchObject({ numUsers: 0, numEvents: 0 })
    })
  },
)
