import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { runAtOnce } from '../run-in-slices.ts'
import { buildIdTable, type IdTable } from './id-table.ts'
import { buildStringColumn } from './string-column.ts'

const build = (ids: readonly string[]): IdTable => runAtOnce(buildIdTable(buildStringColumn(ids)))

describe('buildIdTable', () => {
  test('finds every id and no other, as a map does', () => {
    const rng = createRng(7)
    const letters = ['a', 'b', '0', '1', '-', 'é', '客', '🍵']
    const ids = new Set<string>()
    while (ids.size < 20_000)
      ids.add(Array.from({ length: 1 + rng.nextInt(8) }, () => letters[rng.nextInt(8)]).join(''))
    const [known, unknown] = [[...ids].slice(0, 15_000), [...ids].slice(15_000)]
    const table = build(known)
    expect(known.filter((id, i) => table.rowOf(id) !== i + 1)).toEqual([])
    expect(unknown.filter((id) => table.rowOf(id) !== undefined)).toEqual([])
  })

  test('tells ids apart whatever their length, and where one begins with another', () => {
    const long = 'x'.repeat(5000)
    const table = build(['x', 'xx', long, `${long}é`])
    expect(['x', 'xx', long, `${long}é`].map((id) => table.rowOf(id))).toEqual([1, 2, 3, 4])
    expect(['', 'xxx', `${long}x`, `${long}e`].map((id) => table.rowOf(id))).toEqual(
      new Array(4).fill(undefined),
    )
  })

  test('knows nothing without ids', () => {
    expect(build([]).rowOf('a')).toBeUndefined()
  })

  test.each([1000, 87_000, 100_000])('takes at most 12 bytes an id for %d ids', (numIds) => {
    const table = build(Array.from({ length: numIds }, (_, i) => `sku-${i}`))
    expect(table.memoryBytes / numIds).toBeLessThanOrEqual(12.1)
  })

  test.each([
    ['é', 2],
    ['', 3],
  ])("refuses '%s' at position %d", (itemId, position) => {
    const ids = ['a', 'é', 'b', 'c']
    ids[position] = itemId
    expect(() => build(ids)).toThrow(
      expect.objectContaining({
        code: 'INVALID_EVENTS',
        message: `Expected item ids to be distinct and not empty, got '${itemId}' at position ${position}.`,
      }),
    )
  })
})
