import { customerKey, DAY_MS } from '@perennial/core'
import { expect, test } from 'vitest'
import type { HistoryStoreOptions } from '../src/history/history-options.ts'
import type { HistoryStore, StoredEvent, UserHistory } from '../src/history/history-store.ts'

/** Opens a store of a kind: an empty one for a namespace that no other test uses. */
export type OpenStore = (options?: HistoryStoreOptions) => Promise<HistoryStore>

/** Returns a purchase of one unit. */
export function purchase(itemId: string, timestampMs: number, eventId?: string): StoredEvent {
  return { itemId, timestampMs, quantity: 1, eventId }
}

/** Returns the items of a history, oldest first, in one text. */
export function itemsOf({ events }: UserHistory): string {
  return events.map(({ itemId }) => itemId).join('')
}

/** Declares the tests that every store passes. */
export function testHistoryStore(open: OpenStore): void {
  test('keeps users apart and knows nothing of one never seen', async () => {
    const store = await open()
    expect(await store.append('u1', [purchase('a', 1)])).toEqual(['added'])
    expect(await store.append('u2', [{ ...purchase('b', 5), quantity: 2.5 }])).toEqual(['added'])
    expect((await store.read('u1')).events).toEqual([{ itemId: 'a', timestampMs: 1, quantity: 1 }])
    expect((await store.read('u2')).events).toEqual([
      { itemId: 'b', timestampMs: 5, quantity: 2.5 },
    ])
    expect(await store.read('u3')).toEqual({ version: 0, events: [], shown: new Map() })
  })

  test('places late events by their time, after those of the same time', async () => {
    const store = await open()
    await store.append('u', [purchase('a', 10), purchase('c', 30)])
    await store.append('u', [purchase('b', 20), purchase('d', 30), purchase('z', 5)])
    expect(itemsOf(await store.read('u'))).toBe('zabcd')
  })

  test('stores an event id once a user, also within one call', async () => {
    const store = await open()
    const twice = [purchase('a', 1, 'e1'), purchase('b', 2, 'e1')]
    expect(await store.append('u', twice)).toEqual(['added', 'duplicate'])
    const { version } = await store.read('u')
    expect(await store.append('u', [purchase('a', 3, 'e1')])).toEqual(['duplicate'])
    expect((await store.read('u')).version).toBe(version)
    expect(await store.append('v', [purchase('a', 3, 'e1')])).toEqual(['added'])
    expect(await store.append('u', [purchase('a', 1), purchase('a', 1)])).toEqual([
      'added',
      'added',
    ])
    expect(itemsOf(await store.read('u'))).toBe('aaa')
  })

  test('drops the oldest beyond the cap, and takes none of them again', async () => {
    const store = await open({ maxEventsPerUser: 2 })
    const events = [purchase('a', 1, 'a'), purchase('b', 2, 'b'), purchase('c', 3, 'c')]
    expect(await store.append('u', events)).toEqual(['added', 'added', 'added'])
    expect(await store.append('u', events)).toEqual(['too-old', 'duplicate', 'duplicate'])
    expect(await store.append('u', [purchase('y', 0.5)])).toEqual(['too-old'])
    expect(itemsOf(await store.read('u'))).toBe('bc')
    expect(store.limits.maxEventsPerUser).toBe(2)
  })

  test('drops events and shown items older than the age limit', async () => {
    const store = await open({ maxAgeDays: 10 })
    const nowMs = Date.now()
    const events = [purchase('a', nowMs - 11 * DAY_MS, 'a'), purchase('b', nowMs - 9 * DAY_MS)]
    expect(await store.append('u', events)).toEqual(['too-old', 'added'])
    await store.markShown('u', ['x'], nowMs - 11 * DAY_MS)
    await store.markShown('u', ['y'], nowMs)
    const { events: kept, shown } = await store.read('u')
    expect(kept.map(({ itemId }) => itemId)).toEqual(['b'])
    expect([...shown.keys()]).toEqual(['y'])
  })

  test('gives a new version to every change of events, and none of them twice', async () => {
    const store = await open()
    const versions = [(await store.read('u')).version]
    const see = async () => versions.push((await store.read('u')).version)
    for (let i = 0; i < 20; i++) {
      await store.append('u', [purchase('a', i)])
      await see()
    }
    await store.erase('u')
    await see()
    await store.append('u', [purchase('a', 1)])
    await see()
    await store.merge('u', 'v')
    await see()
    await store.append('u', [purchase('a', 1)])
    await see()
    expect([...new Set(versions)].sort((left, right) => left - right)).toEqual(versions)
  })

  test('keeps when items were last shown, those shown last, at the same version', async () => {
    const store = await open({ maxShownPerUser: 2 })
    await store.append('u', [purchase('a', 1)])
    const { version } = await store.read('u')
    await store.markShown('u', ['a', 'b'], 10)
    await store.markShown('u', ['b', 'c'], 20)
    await store.markShown('u', ['c'], 15)
    expect(await store.read('u')).toMatchObject({
      version,
      shown: new Map([
        ['b', 20],
        ['c', 20],
      ]),
    })
    await store.append('u', [purchase('d', 2)])
    expect((await store.read('u')).shown.size).toBe(2)
  })

  test('merges a user into another, once', async () => {
    const store = await open()
    await store.append('anonymous', [purchase('b', 2, 'e2'), purchase('d', 4, 'e4')])
    await store.markShown('anonymous', ['s'], 7)
    await store.append('ann', [purchase('a', 1, 'e1'), purchase('B', 2, 'e2'), purchase('c', 3)])
    await store.markShown('ann', ['s', 't'], 5)
    expect(await store.merge('anonymous', 'ann')).toEqual({ numMoved: 1 })
    expect(await store.merge('anonymous', 'ann')).toEqual({ numMoved: 0 })
    expect(await store.merge('ann', 'ann')).toEqual({ numMoved: 0 })
    const ann = await store.read('ann')
    expect(itemsOf(ann)).toBe('aBcd')
    expect(ann.shown).toEqual(new Map(Object.entries({ s: 7, t: 5 })))
    expect(await store.read('anonymous')).toMatchObject({ events: [], shown: new Map() })
    expect(await store.append('ann', [purchase('d', 4, 'e4')])).toEqual(['duplicate'])
    expect(await store.statistics()).toMatchObject({ numUsers: 1, numEvents: 4 })
    expect(await store.erasures()).toEqual(new Map())
  })

  test('erases a user, and remembers his pseudonym and when', async () => {
    const store = await open()
    const beforeMs = Date.now()
    await store.append('ann', [purchase('a', 1, 'e1'), purchase('b', 2)])
    await store.markShown('ann', ['s'], 7)
    await store.append('bob', [purchase('a', 1)])
    expect(await store.erase('ann')).toEqual({ numEvents: 2, numShown: 1 })
    expect(await store.erase('never seen')).toEqual({ numEvents: 0, numShown: 0 })
    expect(await store.read('ann')).toMatchObject({ events: [], shown: new Map() })
    expect(itemsOf(await store.read('bob'))).toBe('a')
    const erasures = await store.erasures()
    expect(new Set(erasures.keys())).toEqual(new Set(['ann', 'never seen'].map(customerKey)))
    for (const erasedAtMs of erasures.values()) {
      expect(erasedAtMs).toBeGreaterThanOrEqual(beforeMs)
      expect(erasedAtMs).toBeLessThanOrEqual(Date.now())
    }
    expect(await store.append('ann', [purchase('c', 3, 'e1')])).toEqual(['added'])
  })

  test('goes over all users by their pseudonyms, each once', async () => {
    const store = await open()
    const userIds = Array.from({ length: 1_203 }, (_, i) => `user ${i}`)
    const itemIds = new Map(userIds.map((userId, i) => [customerKey(userId), `i${i}`]))
    await Promise.all(userIds.map((userId, i) => store.append(userId, [purchase(`i${i}`, i)])))
    await store.erase('user 7')
    itemIds.delete(customerKey('user 7'))
    const scanned: [bigint, string][] = []
    for await (const { customerKey: key, events } of store.scan()) {
      scanned.push([key, events.map(({ itemId }) => itemId).join()])
    }
    expect(scanned).toHaveLength(1_202)
    expect(new Map(scanned)).toEqual(itemIds)
  })

  test('adds all of what is appended to one user at the same time', async () => {
    const store = await open()
    const appends = Array.from({ length: 300 }, (_, i) =>
      store.append('u', [purchase('a', i, `e${i % 200}`)]),
    )
    const results = (await Promise.all(appends)).flat()
    expect(results.filter((result) => result === 'added')).toHaveLength(200)
    expect(results.filter((result) => result === 'duplicate')).toHaveLength(100)
    expect((await store.read('u')).events).toHaveLength(200)
  })

  test('counts users and events, and bytes that grow with them', async () => {
    const store = await open()
    const fill = async (first: number, end: number) => {
      const userIds = Array.from({ length: end - first }, (_, i) => `user ${first + i}`)
      const events = Array.from({ length: 50 }, (_, i) => purchase(`sku-${i}`, i * 1e9, `e${i}`))
      await Promise.all(userIds.map((userId) => store.append(userId, events)))
    }
    await fill(0, 200)
    const { bytes } = await store.statistics()
    await fill(200, 1_000)
    const filled = await store.statistics()
    expect(filled).toMatchObject({ numUsers: 1_000, numEvents: 50_000 })
    expect(filled.bytes).toBeGreaterThan(3 * bytes)
    expect(filled.bytes / filled.numUsers).toBeGreaterThan(50 * 16)
    expect(filled.bytes / filled.numUsers).toBeLessThan(50 * 70)
    await store.erase('user 1')
    expect(await store.statistics()).toMatchObject({ numUsers: 999, numEvents: 49_950 })
  })

  test('compacts while it is read and written', async () => {
    const store = await open()
    const userIds = Array.from({ length: 700 }, (_, i) => `user ${i}`)
    await Promise.all(userIds.map((userId) => store.append(userId, [purchase('a', 1)])))
    const compaction = store.compact()
    const appends = userIds.map((userId) => store.append(userId, [purchase('b', 2)]))
    expect(itemsOf(await store.read('user 5'))).toMatch(/^ab?$/)
    await Promise.all([compaction, ...appends])
    const histories = await Promise.all(userIds.map((userId) => store.read(userId)))
    expect(new Set(histories.map(itemsOf))).toEqual(new Set(['ab']))
    await store.compact()
    expect(itemsOf(await store.read('user 699'))).toBe('ab')
  })

  test('drops what the age limit lets go when it compacts', async () => {
    const nowMs = Date.now()
    const store = await open({ maxAgeDays: 1 })
    await store.append('u', [purchase('a', nowMs - DAY_MS + 150), purchase('b', nowMs)])
    expect(await store.statistics()).toMatchObject({ numEvents: 2 })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(itemsOf(await store.read('u'))).toBe('b')
    expect(await store.statistics()).toMatchObject({ numEvents: 2 })
    await store.compact()
    expect(await store.statistics()).toMatchObject({ numEvents: 1 })
  })
}
