import { expect, test } from 'vitest'
import { ItemCatalog } from './item-catalog.ts'

const catalog = new ItemCatalog([{ itemId: 'tea', price: 3 }, { itemId: 'cup' }])

test('numbers items from 1', () => {
  expect(catalog.numItems).toBe(2)
  expect(catalog.rowOf('tea')).toBe(1)
  expect(catalog.rowOf('pot')).toBeUndefined()
  expect(catalog.idOf(2)).toBe('cup')
  expect(catalog.recordOf(1)).toEqual({ itemId: 'tea', price: 3 })
})

test.each([0, 3, 1.5])('refuses row %d', (row) => {
  expect(() => catalog.recordOf(row)).toThrow(expect.objectContaining({ code: 'UNKNOWN_ITEM' }))
})

test.each(['tea', ''])("refuses a second 'tea' and an empty id", (itemId) => {
  expect(() => new ItemCatalog([{ itemId: 'tea' }, { itemId }])).toThrow(
    expect.objectContaining({ code: 'INVALID_EVENTS' }),
  )
})
