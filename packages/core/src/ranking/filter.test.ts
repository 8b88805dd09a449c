import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { checkFilter, FILTER_LIMITS, type Filter, resolveFilter } from './filter.ts'

const catalog = new ItemCatalog([
  { itemId: 'tea', title: 'Green tea', categoryPath: ['Drinks', 'Tea'], price: 5 },
  { itemId: 'gin', title: 'Gin', categoryPath: ['Drinks', 'Alcohol'], price: 30 },
  { itemId: 'pan', title: 'Pan', categoryPath: ['Kitchen'], price: 40 },
  { itemId: 'gift', categoryPath: [] },
])

function allowedIds(filter: Filter): string[] {
  const allowed = resolveFilter(filter, catalog)
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
  })
})

describe('checkFilter', () => {
  test.each<[unknown, string]>([
    [[], '`filter`'],
    [null, '`filter`'],
    [{}, '`filter.field`'],
    [{ field: 'colour', in: ['red'] }, '`filter.field`'],
    [{ field: 'price' }, '`filter`'],
    [{ field: 'price', mim: 3 }, 'got mim'],
    [{ field: 'price', min: '3' }, '`filter.min`'],
    [{ field: 'price', min: Number.NaN }, '`filter.min`'],
    [{ field: 'price', min: 4, max: 3 }, '`filter.min`'],
    [{ field: 'itemId', in: [] }, '`filter.in`'],
    [{ field: 'itemId', in: ['a', 1] }, '`filter.in[1]`'],
    [{ field: 'categoryPath', under: 'Drinks' }, '`filter.under`'],
    [{ all: [] }, '`filter.all`'],
    [{ all: [{ field: 'price', max: 1 }], any: [] }, 'got any'],
    [{ any: [{ field: 'price', max: 1 }, { not: { field: 'x' } }] }, '`filter.any[1].not.field`'],
  ])('refuses %j and names the part', (value, part) => {
    const check = (): void => checkFilter(value)
    expect(check).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(part) }),
    )
  })

  test('says what was expected and what came', () => {
    expect(() =>
      checkFilter({ field: 'price', min: 4, max: 3 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RecommenderError: Expected \`filter.min\` to be \`max\` or less, got 4.]`,
    )
  })

  test('refuses more parts than the limit', () => {
    const anyOf = (length: number): Filter => ({
      any: Array.from({ length }, () => ({ field: 'price', max: 1 })),
    })
    expect(() => checkFilter(anyOf(FILTER_LIMITS.maxParts - 1))).not.toThrow()
    expect(() => checkFilter(anyOf(FILTER_LIMITS.maxParts))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })

  test('refuses more nesting than the limit', () => {
    const nest = (levels: number): Filter =>
      levels === 1 ? { field: 'price', max: 1 } : { not: nest(levels - 1) }
    expect(() => checkFilter(nest(FILTER_LIMITS.maxDepth))).not.toThrow()
    expect(() => checkFilter(nest(FILTER_LIMITS.maxDepth + 1))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    )
  })
})
