import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { ItemAttributes } from './item-attributes.ts'
import { ATTRIBUTE_LIMITS, type ItemChanges } from './item-changes.ts'

const build = (): ItemAttributes =>
  new ItemAttributes(
    new ItemCatalog([
      { itemId: 'tea', title: 'Green tea', categoryPath: ['Drinks', 'Tea'], price: 15.32 },
      { itemId: 'pan', title: 'Pan' },
    ]),
  )

describe('ItemAttributes', () => {
  test('begins as the catalogue tells it', () => {
    const items = build()
    expect(items.numItems).toBe(2)
    expect(items.rowOf('pan')).toBe(2)
    expect(items.idOf(1)).toBe('tea')
    expect([items.titleOf(1), items.priceOf(1), items.categoryPathOf(1)]).toEqual([
      'Green tea',
      15.32,
      ['Drinks', 'Tea'],
    ])
    expect([items.priceOf(2), items.categoryPathOf(2), items.valueOf(2, 'stock')]).toEqual([
      undefined,
      [],
      undefined,
    ])
    expect([...items.offerable]).toEqual([0, 1, 1])
    expect(items.pricedAsOfMsOf(1)).toBe(-Infinity)
  })

  test('takes over what is given, leaves the rest, and forgets what is null', () => {
    const items = build()
    const first = { stock: 3, attributes: { brand: 'Acme', grams: 20, organic: false } }
    expect(items.update(1, { asOfMs: 10, ...first })).toBe(true)
    expect(
      items.update(1, { asOfMs: 10, title: null, attributes: { grams: 30, brand: null } }),
    ).toBe(true)
    expect(['stock', 'brand', 'grams', 'organic'].map((field) => items.valueOf(1, field))).toEqual([
      3,
      undefined,
      30,
      false,
    ])
    // An update without a price must not turn it into its float32 value.
    expect([items.titleOf(1), items.priceOf(1)]).toEqual([undefined, 15.32])
    items.update(1, { asOfMs: 11, price: 12_345_678.5, categoryPath: null })
    expect([items.priceOf(1), items.categoryPathOf(1)]).toEqual([12_345_678.5, []])
    expect(items.fieldNames).toEqual(['price', 'stock', 'brand', 'grams', 'organic'])
  })

  test('ignores what is older than what it knows', () => {
    const items = build()
    items.update(1, { asOfMs: 10, price: 5 })
    const { version } = items
    expect(items.update(1, { asOfMs: 9, price: 6 })).toBe(false)
    expect(items.update(2, { asOfMs: 9, price: 6 })).toBe(true)
    expect([items.priceOf(1), items.pricedAsOfMsOf(1)]).toEqual([5, 10])
    expect(items.version).toBe(version + 1)
  })

  test('offers an item unless it is inactive or known to be out of stock', () => {
    const items = build()
    const offerableAfter = (changes: Omit<ItemChanges, 'asOfMs'>): number | undefined => {
      items.update(1, { asOfMs: 0, ...changes })
      return items.offerable[1]
    }
    expect(offerableAfter({ stock: 0 })).toBe(0)
    expect(offerableAfter({ active: false })).toBe(0)
    expect(offerableAfter({ stock: 2 })).toBe(0)
    expect(offerableAfter({ active: true })).toBe(1)
    expect(offerableAfter({ stock: null })).toBe(1)
  })

  test('grows by items, of which nothing is known at first', () => {
    const items = build()
    items.update(1, { asOfMs: 4, attributes: { brand: 'Acme', organic: true, grams: 1 } })
    const rows = Array.from({ length: 100 }, (_, i) => items.addItem(`new-${i}`))
    expect(rows).toEqual(Array.from({ length: 100 }, (_, i) => i + 3))
    expect([items.numItems, items.rowOf('new-99'), items.idOf(102)]).toEqual([102, 102, 'new-99'])
    items.update(102, { asOfMs: 1, title: 'Cup', price: 2, attributes: { brand: 'Bee' } })
    expect([items.titleOf(102), items.priceOf(102), items.valueOf(102, 'brand')]).toEqual([
      'Cup',
      2,
      'Bee',
    ])
    expect([items.titleOf(50), items.priceOf(50), items.offerable[50]]).toEqual([
      undefined,
      undefined,
      1,
    ])
    expect(['brand', 'organic', 'grams'].map((field) => items.valueOf(50, field))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([items.valueOf(1, 'brand'), items.priceOf(1), items.pricedAsOfMsOf(1)]).toEqual([
      'Acme',
      15.32,
      // Nothing was said of its price.
      -Infinity,
    ])
    expect(() => items.addItem('new-3')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
    expect(() => items.addItem('tea')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  test('counts the changes of each field apart', () => {
    const items = build()
    items.update(1, { asOfMs: 1, price: 3 })
    items.update(1, { asOfMs: 1, title: 'T', attributes: { brand: 'x' } })
    items.update(2, { asOfMs: 1, price: 3 })
    expect(['price', 'title', 'brand', 'stock'].map((field) => items.versionOf(field))).toEqual([
      2, 1, 1, 0,
    ])
    expect(items.version).toBe(3)
  })

  test.each<[object, string]>([
    [{ asOfMs: 0, price: -1 }, '`item.price`'],
    [{ asOfMs: 0, stock: Number.NaN }, '`item.stock`'],
    [{ asOfMs: 0, active: null }, '`item.active`'],
    [{ asOfMs: 0, title: '' }, '`item.title`'],
    [{ asOfMs: 0, categoryPath: ['A', ''] }, '`item.categoryPath[1]`'],
    [{ asOfMs: 0, colour: 'red' }, 'got colour'],
    [{ price: 1 }, '`item.asOfMs`'],
    [{ asOfMs: 0, attributes: { price: 1 } }, 'leave out price'],
    [{ asOfMs: 0, attributes: { '': 1 } }, '`item.attributes`'],
    [{ asOfMs: 0, attributes: { brand: ['a'] } }, '`item.attributes.brand`'],
    [{ asOfMs: 0, attributes: { brand: 3 } }, 'be a text as in other items'],
  ])('refuses %j and changes nothing', (changes, part) => {
    const items = build()
    items.update(2, { asOfMs: 0, attributes: { brand: 'Acme' } })
    const { version } = items
    expect(() => items.update(1, changes as ItemChanges)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(part) }),
    )
    expect(items.version).toBe(version)
  })

  test('refuses rows that it does not have, and more attributes than the limit', () => {
    const items = build()
    const { maxAttributes } = ATTRIBUTE_LIMITS
    const named = (length: number, from = 0): Record<string, number> =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`a${from + i}`, 1]))
    expect(() => items.update(3, { asOfMs: 0 })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_ITEM' }),
    )
    items.update(1, { asOfMs: 0, stock: 3, attributes: named(maxAttributes) })
    items.update(2, { asOfMs: 0, stock: 3, attributes: named(maxAttributes) })
    expect(() => items.update(2, { asOfMs: 0, attributes: named(1, maxAttributes) })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})
