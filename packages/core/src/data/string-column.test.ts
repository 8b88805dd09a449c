import { expect, test } from 'vitest'
import { buildStringColumn, stringAt } from './string-column.ts'

test('keeps strings in any script, and tells an empty one from none', () => {
  const values = ['tea', '', undefined, 'чашка', '🍵', undefined, 'a', 'b', 'c', undefined]
  const column = buildStringColumn(values)
  expect(values.map((_, i) => stringAt(column, i))).toEqual(values)
  expect(column.bytes).toHaveLength(3 + 10 + 4 + 3)
})

test('has no validity where no string lacks', () => {
  expect(buildStringColumn(['a', '']).validity).toBeUndefined()
  expect(buildStringColumn([undefined]).validity).toHaveLength(64)
})
