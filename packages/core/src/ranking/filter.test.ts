import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { createRng } from '../random.ts'
import { type Filter, resolveFilter } from './filter.ts'
import { ItemAttributes } from './item-attributes.ts'

const catalog = new ItemCatalog([
  { itemId: 'tea', title: 'Green tea', categoryPath: ['Drinks', 'Tea'], price: 5 },
  { itemId: 'gin', title: 'Gin', categoryPath: ['Drinks', 'Alcohol'], price: 30 },
  { itemId: 'pan', title: 'Pan', categoryPath: ['Kitchen'], price: 40 },
  { itemId: 'gift', categoryPath: [] },
])

function allowedIds(filter: Filter, items: ItemCatalog | ItemAttributes = catalog): string[] {
  const allowed = resolveFilter(filter, items)
  expect(allowed).toHaveLength(5)
  expect(allowed[0]).toBe(0)
  return ['tea', 'gin', 'pan', 'gift'].filter(
    (itemId) => allowed[catalog.rowOf(itemId) as number] === 1,
  )
}

describe('resolveFilter', () => {
  test.each<[string, Filter, string[]]>([
    ['price up to a bound, the bound included', { field: 'price', max: 30 }, ['tea', 'gin']],
    ['price from a bound', { field: 'price', min: 30 }, ['gin', 'pan']],
    ['price within two bounds', { field: 'price', min: 6, max: 39 }, ['gin']],
    ['item ids, unknown ones ignored', { field: 'itemId', in: ['pan', 'nothing'] }, ['pan']],
    ['titles', { field: 'title', in: ['Gin', 'Pan'] }, ['gin', 'pan']],
    ['first category level', { field: 'categoryPath', under: ['Drinks'] }, ['tea', 'gin']],
    ['two category levels', { field: 'categoryPath', under: ['Drinks', 'Tea'] }, ['tea']],
    ['a level that is not at the front', { field: 'categoryPath', under: ['Tea'] }, []],
    [
      'not, letting items without the field through',
      { not: { field: 'price', max: 30 } },
      ['pan', 'gift'],
    ],
    [
      'all',
      {
        all: [
          { field: 'categoryPath', under: ['Drinks'] },
          { field: 'price', max: 10 },
        ],
      },
      ['tea'],
    ],
    [
      'any',
      {
        any: [
          { field: 'itemId', in: ['gift'] },
          { field: 'price', min: 40 },
        ],
      },
      ['pan', 'gift'],
    ],
    [
      'all, any and not together',
      {
        all: [
          {
            any: [
              { field: 'price', min: 30 },
              { field: 'itemId', in: ['gift'] },
            ],
          },
          { not: { field: 'categoryPath', under: ['Drinks'] } },
        ],
      },
      ['pan', 'gift'],
    ],
  ])('resolves %s', (_, filter, expected) => {
    expect(allowedIds(filter)).toEqual(expected)
    expect(allowedIds(filter, new ItemAttributes(catalog))).toEqual(expected)
  })

  test('an attribute that no item has is met by nothing', () => {
    expect(allowedIds({ field: 'stock', min: 0 })).toEqual([])
    expect(allowedIds({ field: 'brand', notIn: ['Acme'] })).toEqual([])
    expect(allowedIds({ not: { field: 'brand', in: ['Acme'] } })).toHaveLength(4)
  })

  test('includes a price as it is written at a bound, though a catalogue keeps it as float32', () => {
    const odd = new ItemCatalog([
      { itemId: 'a', price: 19.99 },
      { itemId: 'b', price: 0.1 },
    ])
    for (const items of [odd, new ItemAttributes(odd)]) {
      expect([...resolveFilter({ field: 'price', min: 19.99 }, items)]).toEqual([0, 1, 0])
      expect([...resolveFilter({ field: 'price', max: 0.1 }, items)]).toEqual([0, 0, 1])
      expect([...resolveFilter({ field: 'price', in: [0.1, 19.99] }, items)]).toEqual([0, 1, 1])
      expect([...resolveFilter({ field: 'price', notIn: [0.1] }, items)]).toEqual([0, 1, 0])
    }
  })

  test('does not go by more than the item knows', () => {
    const items = new ItemAttributes(catalog)
    const [tea, gin, pan] = [1, 2, 3] as const
    items.update(tea, {
      asOfMs: 0,
      stock: 0,
      attributes: { brand: 'Acme', organic: true, grams: 50 },
    })
    items.update(gin, { asOfMs: 0, stock: 7, attributes: { brand: 'Bee', organic: false } })
    items.update(pan, { asOfMs: 0, title: 'Wok', price: null, categoryPath: ['Drinks', 'Tea'] })
    for (const [filter, expected] of [
      [{ field: 'stock', min: 1 }, ['gin']],
      [{ field: 'stock', in: [0, 7] }, ['tea', 'gin']],
      [{ field: 'brand', in: ['Acme', 'Unheard'] }, ['tea']],
      [{ field: 'brand', notIn: ['Acme', 'Unheard'] }, ['gin']],
      [{ not: { field: 'brand', in: ['Acme'] } }, ['gin', 'pan', 'gift']],
      [{ field: 'organic', in: [true] }, ['tea']],
      [{ field: 'organic', notIn: [true] }, ['gin']],
      [{ field: 'organic', in: [true, false] }, ['tea', 'gin']],
      [{ field: 'grams', min: 50, max: 50 }, ['tea']],
      [{ field: 'grams', notIn: [51] }, ['tea']],
      [{ field: 'brand', min: 0 }, []],
      [{ field: 'title', in: ['Wok', 'Pan'] }, ['pan']],
      [{ field: 'title', notIn: ['Wok', 'Pan'] }, ['tea', 'gin']],
      [{ field: 'itemId', notIn: ['tea', 'nothing'] }, ['gin', 'pan', 'gift']],
      [{ field: 'price', min: 0 }, ['tea', 'gin']],
      [{ field: 'categoryPath', under: ['Drinks', 'Tea'] }, ['tea', 'pan']],
    ] as const)
      expect(allowedIds(filter, items), JSON.stringify(filter)).toEqual(expected)
  })

  test('finds titles that differ in little, and those in other scripts', () => {
    const titles = ['Tea', 'tea', 'Eta', 'чай', 'Tea ', undefined, 'Tea']
    const items = new ItemCatalog(titles.map((title, i) => ({ itemId: `${i}`, title })))
    expect([...resolveFilter({ field: 'title', in: ['Tea'] }, items)]).toEqual([
      0, 1, 0, 0, 0, 0, 0, 1,
    ])
    expect([...resolveFilter({ field: 'title', notIn: ['Tea', 'чай'] }, items)]).toEqual([
      0, 0, 1, 1, 0, 1, 0, 0,
    ])
  })

  test('agrees with looking at one item after another', () => {
    const rng = createRng(5)
    const paths = [[], ['A'], ['A', 'B'], ['C']]
    const records = Array.from({ length: 203 }, (_, i) => ({
      itemId: `${i}`,
      categoryPath: paths[rng.nextInt(4)] as string[],
      ...(rng.next() < 0.2 ? {} : { price: rng.nextInt(10) }),
    }))
    const items = new ItemAttributes(new ItemCatalog(records))
    const draw = (depth: number): Filter => {
      const choice = rng.nextInt(depth === 0 ? 3 : 6)
      if (choice === 0) return { field: 'price', min: rng.nextInt(10) }
      if (choice === 1)
        return { field: 'categoryPath', under: ['A', 'B'].slice(0, 1 + rng.nextInt(2)) }
      if (choice === 2) return { field: 'price', notIn: [rng.nextInt(10), rng.nextInt(10)] }
      if (choice === 3) return { not: draw(depth - 1) }
      const parts = Array.from({ length: 1 + rng.nextInt(3) }, () => draw(depth - 1))
      return choice === 4 ? { all: parts } : { any: parts }
    }
    const meets = (filter: Filter, row: number): boolean => {
      if ('not' in filter) return !meets(filter.not, row)
      if ('all' in filter) return filter.all.every((part) => meets(part, row))
      if ('any' in filter) return filter.any.some((part) => meets(part, row))
      if ('under' in filter)
        return filter.under.every((level, i) => items.categoryPathOf(row)[i] === level)
      const price = items.priceOf(row)
      if (price === undefined) return false
      if ('notIn' in filter) return !(filter.notIn as readonly number[]).includes(price)
      return price >= (filter as { min: number }).min
    }
    for (let n = 0; n < 200; n++) {
      const filter = draw(3)
      const expected = Array.from({ length: 204 }, (_, row) =>
        row > 0 && meets(filter, row) ? 1 : 0,
      )
      expect([...resolveFilter(filter, items)], JSON.stringify(filter)).toEqual(expected)
    }
  })
})
