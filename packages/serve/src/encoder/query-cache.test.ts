import { describe, expect, test } from 'vitest'
import { createQueryCache, type QueryKey } from './query-cache.ts'

const key: QueryKey = {
  userId: 'ann',
  version: 1,
  numUsed: 3,
  firstMs: 5,
  askedSeconds: 0,
  vectorVersion: 0,
}
const queries = { query: Float32Array.of(1, 2) }

describe('createQueryCache', () => {
  test('answers for the state of a history that was kept, and for no other', () => {
    const cache = createQueryCache(10)
    cache.set(key, queries, cache.generation)
    expect(cache.get({ ...key })).toBe(queries)
    for (const other of [
      { version: 2 },
      { numUsed: 2 },
      { firstMs: 6 },
      { askedSeconds: 1 },
      { vectorVersion: 1 },
      { userId: 'bob' },
    ])
      expect(cache.get({ ...key, ...other })).toBeUndefined()
    expect([cache.numHits, cache.numMisses, cache.numUsers]).toEqual([1, 6, 1])
  })

  test('keeps the users asked for last', () => {
    const cache = createQueryCache(2)
    cache.set(key, queries, cache.generation)
    cache.set({ ...key, userId: 'bob' }, queries, cache.generation)
    cache.get(key)
    cache.set({ ...key, userId: 'cid' }, queries, cache.generation)
    expect(cache.get(key)).toBe(queries)
    expect(cache.get({ ...key, userId: 'bob' })).toBeUndefined()
  })

  test('forgets a user', () => {
    const cache = createQueryCache(2)
    cache.set(key, queries, cache.generation)
    expect(cache.delete('ann')).toBe(true)
    expect(cache.delete('ann')).toBe(false)
    expect(cache.get(key)).toBeUndefined()
  })

  test('does not keep what was computed while a user was forgotten', () => {
    const cache = createQueryCache(2)
    const { generation } = cache
    cache.delete('ann')
    cache.set(key, queries, generation)
    expect(cache.get(key)).toBeUndefined()
  })

  test('keeps none when told so', () => {
    const cache = createQueryCache(0)
    cache.set(key, queries, cache.generation)
    expect(cache.get(key)).toBeUndefined()
    expect(() => createQueryCache(-1)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
