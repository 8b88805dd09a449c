import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { checkFilter, FILTER_LIMITS } from './check-filter.ts'
import type { Filter } from './filter.ts'
import { ItemAttributes } from './item-attributes.ts'

describe('checkFilter', () => {
  test.each<[unknown, string]>([
    [[], '`filter`'],
    [null, '`filter`'],
    [{}, '`filter.field`'],
    [{ field: 'price' }, '`filter`'],
    [{ field: 'brand' }, '`filter`'],
    [{ field: '', in: ['a'] }, '`filter.field`'],
    [{ field: 'x'.repeat(65), in: ['a'] }, '`filter.field`'],
    [{ field: 'brand', in: ['a'], notIn: ['b'] }, 'got notIn'],
    [{ field: 'brand', in: [true, 'a'] }, '`filter.in[1]`'],
    [{ field: 'brand', notIn: [{}] }, '`filter.notIn[0]`'],
    [{ field: 'title', min: 1 }, 'got min'],
    [{ field: 'title' }, '`filter`'],
    [{ field: 'stock', in: ['3'] }, '`filter.in[0]`'],
    [{ field: 'categoryPath', in: ['Drinks'] }, 'got in'],
    [{ field: 'price', mim: 3 }, 'got mim'],
    [{ field: 'price', min: '3' }, '`filter.min`'],
    [{ field: 'price', min: Number.NaN }, '`filter.min`'],
    [{ field: 'price', min: 4, max: 3 }, '`filter.min`'],
    [{ field: 'itemId', in: [] }, '`filter.in`'],
    [{ field: 'itemId', in: ['a', 1] }, '`filter.in[1]`'],
    [{ field: 'categoryPath', under: 'Drinks' }, '`filter.under`'],
    [{ all: [] }, '`filter.all`'],
    [{ all: [{ field: 'price', max: 1 }], any: [] }, 'got any'],
    [{ any: [{ field: 'price', max: 1 }, { not: { field: 3 } }] }, '`filter.any[1].not.field`'],
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

  test('knows the attributes of items and their kinds when given them', () => {
    const items = new ItemAttributes(new ItemCatalog([{ itemId: 'tea' }]))
    items.update(1, { asOfMs: 0, attributes: { brand: 'Acme', grams: 100, organic: true } })
    const check = (filter: Filter): void => checkFilter(filter, { items, path: 'rule' })
    check({ field: 'brand', in: ['Other'] })
    check({ field: 'grams', min: 5 })
    check({ field: 'organic', notIn: [false] })
    check({ field: 'stock', min: 1 })
    for (const [filter, part] of [
      [{ field: 'colour', in: ['red'] }, /`rule.field` .* brand, grams, organic, got colour/],
      [{ field: 'brand', min: 3 }, /`rule`/],
      [{ field: 'brand', in: [3] }, /`rule.in\[0\]`/],
      [{ field: 'grams', in: ['3'] }, /`rule.in\[0\]`/],
      [{ field: 'organic', min: 1 }, /`rule`/],
    ] as const) {
      expect(() => check(filter)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(part) }),
      )
    }
  })

  test('takes any name and kind for an attribute without items', () => {
    for (const filter of [
      { field: 'colour', in: ['red'] },
      { field: 'grams', min: 3, max: 3 },
      { field: 'organic', notIn: [true] },
      { field: 'constructor', in: [1] },
    ])
      expect(() => checkFilter(filter)).not.toThrow()
  })
})
