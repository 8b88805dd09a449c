import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import type { Filter } from './filter.ts'
import { createFilterCache } from './filter-cache.ts'
import { ItemAttributes } from './item-attributes.ts'

const build = (): ItemAttributes =>
  new ItemAttributes(
    new ItemCatalog([
      { itemId: 'a', price: 1 },
      { itemId: 'b', price: 2 },
    ]),
  )
const cheap: Filter = { field: 'price', max: 1 }

describe('createFilterCache', () => {
  test('resolves an equal filter once, whatever the order of its keys', () => {
    const cache = createFilterCache(build())
    const flags = cache.resolve(cheap)
    expect([...flags]).toEqual([0, 1, 0])
    expect(cache.resolve({ max: 1, field: 'price' })).toBe(flags)
    expect([cache.numRequests, cache.numHits]).toEqual([2, 1])
  })

  test('resolves anew after a change to a field of the filter, not after another change', () => {
    const items = build()
    const cache = createFilterCache(items)
    const flags = cache.resolve({ not: { any: [cheap] } })
    items.update(1, { asOfMs: 0, stock: 3, title: 'A' })
    expect(cache.resolve({ not: { any: [cheap] } })).toBe(flags)
    items.update(1, { asOfMs: 0, price: 5 })
    expect([...cache.resolve({ not: { any: [cheap] } })]).toEqual([0, 1, 1])
    items.addItem('c')
    expect([...cache.resolve({ not: { any: [cheap] } })]).toEqual([0, 1, 1, 1])
  })

  test('forgets the filter that was asked for longest ago', () => {
    const cache = createFilterCache(build(), { maxFilters: 2 })
    const filters = [1, 2, 3].map((max): Filter => ({ field: 'price', max }))
    const [one, two, three] = filters as [Filter, Filter, Filter]
    const kept = cache.resolve(one)
    cache.resolve(two)
    cache.resolve(one)
    cache.resolve(three)
    expect(cache.resolve(one)).toBe(kept)
    cache.resolve(two)
    expect([cache.numRequests, cache.numHits]).toEqual([6, 2])
  })

  test('keeps nothing of size 0, and no filter of many values', () => {
    const none = createFilterCache(build(), { maxFilters: 0 })
    none.resolve(cheap)
    none.resolve(cheap)
    const cache = createFilterCache(build())
    const long: Filter = { field: 'itemId', in: Array.from({ length: 1000 }, (_, i) => `id-${i}`) }
    cache.resolve(long)
    cache.resolve(long)
    expect([none.numHits, cache.numHits]).toEqual([0, 0])
    expect(() => createFilterCache(build(), { maxFilters: -1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
