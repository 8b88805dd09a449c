import { describe, expect, test } from 'vitest'
import { createQueryCache, type QueryKey } from './query-cache.ts'

const key: QueryKey = { userId: 'ann', version: 1, numUsed: 3, askedSeconds: 0 }
const queries = { query: Float32Array.of(1, 2) }

describe('createQueryCache', () => {
  test('answers for the state of a history that was kept, and for no other', () => {
    const cache = createQueryCache(10)
    cache.set(key, queries)
    expect(cache.get({ ...key })).toBe(queries)
    for (const other of [{ version: 2 }, { numUsed: 2 }, { askedSeconds: 1 }, { userId: 'bob' }])
      expect(cache.get({ ...key, ...other })).toBeUndefined()
    expect([cache.numHits, cache.numMisses, cache.numUsers]).toEqual([1, 4, 1])
  })

  test('keeps the users asked for last', () => {
    const cache = createQueryCache(2)
    cache.set(key, queries)
    cache.set({ ...key, userId: 'bob' }, queries)
    cache.get(key)
    cache.set({ ...key, userId: 'cid' }, queries)
    expect(cache.get(key)).toBe(queries)
    expect(cache.get({ ...key, userId: 'bob' })).toBeUndefined()
  })

  test('forgets a user', () => {
    const cache = createQueryCache(2)
    cache.set(key, queries)
    expect(cache.delete('ann')).toBe(true)
    expect(cache.delete('ann')).toBe(false)
    expect(cache.get(key)).toBeUndefined()
  })

  test('keeps none when told so', () => {
    const cache = createQueryCache(0)
    cache.set(key, queries)
    expect(cache.get(key)).toBeUndefined()
    expect(() => createQueryCache(-1)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
