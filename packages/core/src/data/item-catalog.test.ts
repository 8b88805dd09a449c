import { expect, test } from 'vitest'
import { runAtOnce } from '../run-in-slices.ts'
import { ItemCatalog, indexItems } from './item-catalog.ts'
import { buildItemColumns } from './item-columns.ts'

const catalog = new ItemCatalog([{ itemId: 'tea', price: 3 }, { itemId: 'cup' }])

test('numbers items from 1', () => {
  expect(catalog.numItems).toBe(2)
  expect(catalog.rowOf('tea')).toBe(1)
  expect(catalog.rowOf('pot')).toBeUndefined()
  expect(catalog.idOf(2)).toBe('cup')
  expect(catalog.recordOf(1)).toEqual({
    itemId: 'tea',
    title: undefined,
    categoryPath: [],
    price: 3,
  })
})

test.each([0, 3, 1.5])('refuses row %d', (row) => {
  expect(() => catalog.recordOf(row)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ITEM' }))
})

test.each(['tea', ''])("refuses a second 'tea' and an empty id", (itemId) => {
  expect(() => new ItemCatalog([{ itemId: 'tea' }, { itemId }])).toThrow(
    expect.objectContaining({ code: 'INVALID_EVENTS' }),
  )
})

test('holds prices and category paths by row', () => {
  const records = [
    { itemId: 'a', price: 15.32, categoryPath: ['Kitchen', 'Tea'] },
    { itemId: 'b' },
    { itemId: 'c', price: 0, categoryPath: ['Kitchen'] },
    { itemId: 'd', categoryPath: ['Kitchen', 'Tea'] },
  ]
  const { prices, categoryPaths, categoryPathCodes, ...rest } = new ItemCatalog(records)
  expect(prices).toEqual(Float32Array.of(Number.NaN, 15.32, Number.NaN, 0, Number.NaN))
  expect(categoryPaths).toEqual([[], ['Kitchen', 'Tea'], ['Kitchen']])
  expect(categoryPathCodes).toEqual(Int32Array.of(0, 1, 0, 2, 1))
  expect(rest.numItems).toBe(4)
})

test('rounds prices to the digits that float32 carries', () => {
  const { price } = new ItemCatalog([{ itemId: 'a', price: 15.32 }]).recordOf(1)
  expect(price).toBe(15.32)
})

test('is the same from columns as from records', () => {
  const records = [{ itemId: 'a', title: 'A', categoryPath: ['x'], price: 1 }, { itemId: 'b' }]
  const fromColumns = runAtOnce(indexItems(buildItemColumns(records)))
  const fromRecords = new ItemCatalog(records)
  for (const itemRow of [1, 2])
    expect(fromColumns.recordOf(itemRow)).toEqual(fromRecords.recordOf(itemRow))
  expect(fromColumns.rowOf('b')).toBe(2)
})

test('counts its memory', () => {
  // Ids: 2 bytes, offsets of 3 rows; titles: 1 byte, offsets, 64 of validity; prices and codes of 3 rows; 8 slots.
  const expected = 2 + 3 * 4 + (1 + 3 * 4 + 64) + 2 * 3 * 4 + 8 * 4
  expect(new ItemCatalog([{ itemId: 'a', title: 'A' }, { itemId: 'b' }]).memoryBytes).toBe(expected)
})
