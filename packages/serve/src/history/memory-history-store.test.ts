import { describe, expect, test } from 'vitest'
import { createMemoryHistoryStore, type StoredEvent } from './history-store.ts'

const event = (itemId: string, timestampMs: number, eventId?: string): StoredEvent => ({
  itemId,
  timestampMs,
  quantity: 1,
  eventId,
})
const itemIds = (events: readonly StoredEvent[]): string => events.map((e) => e.itemId).join('')

describe('createMemoryHistoryStore', () => {
  test('keeps users apart and knows nothing of a user never seen', () => {
    const store = createMemoryHistoryStore()
    expect(store.add('u1', event('a', 1))).toBe('added')
    expect(store.add('u2', event('b', 1))).toBe('added')
    expect(itemIds(store.read('u1'))).toBe('a')
    expect(store.read('u3')).toEqual([])
    expect(store.numUsers).toBe(2)
  })

  test('places a late event by its time, after those of the same time', () => {
    const store = createMemoryHistoryStore()
    for (const [itemId, time] of [
      ['a', 10],
      ['c', 30],
      ['b', 20],
      ['d', 30],
      ['z', 5],
    ] as const) {
      store.add('u', event(itemId, time))
    }
    expect(itemIds(store.read('u'))).toBe('zabcd')
  })

  test('stores an event id once a user', () => {
    const store = createMemoryHistoryStore()
    expect(store.add('u', event('a', 1, 'e1'))).toBe('added')
    expect(store.add('u', event('a', 2, 'e1'))).toBe('duplicate')
    expect(store.add('v', event('a', 2, 'e1'))).toBe('added')
    expect(store.add('u', event('a', 1))).toBe('added')
    expect(store.add('u', event('a', 1))).toBe('added')
    expect(store.read('u')).toHaveLength(3)
  })

  test('drops the oldest beyond the cap, and refuses what is older still', () => {
    const store = createMemoryHistoryStore({ maxEventsPerUser: 2 })
    for (const [itemId, time] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const) {
      expect(store.add('u', event(itemId, time))).toBe('added')
    }
    expect(itemIds(store.read('u'))).toBe('bc')
    expect(store.add('u', event('a', 1))).toBe('too-old')
    expect(itemIds(store.read('u'))).toBe('bc')
  })

  test('refuses a cap of 0', () => {
    expect(() => createMemoryHistoryStore({ maxEventsPerUser: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
