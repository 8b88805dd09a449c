import {
  Field,
  List,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { buildItemColumns } from '../data/item-columns.ts'
import { createRng } from '../random.ts'
import { runAtOnce } from '../run-in-slices.ts'
import { readCategoryPaths } from './category-paths.ts'

const TYPE = new List(new Field('level', new Utf8(), true))

/** Writes each list of paths as one record batch, and reads the column back. */
function columnOf(...batches: (string[] | null)[][]): Vector<List<Utf8>> {
  const tables = batches.map((paths) => new Table({ path: vectorFromArray(paths, TYPE) }))
  const [first, ...others] = tables as [Table, ...Table[]]
  const table = tableFromIPC(tableToIPC(first.concat(...others), 'file'))
  expect(table.batches).toHaveLength(batches.length)
  return table.getChild('path') as Vector<List<Utf8>>
}

describe('readCategoryPaths', () => {
  test('numbers distinct paths by first appearance, over record batches', () => {
    const read = runAtOnce(
      readCategoryPaths(columnOf([['x', 'y'], [], ['x']], [null, ['x'], ['é 🍵'], ['x', 'y']])),
    )
    expect(read.categoryPaths).toEqual([[], ['x', 'y'], ['x'], ['é 🍵']])
    expect(read.categoryPathCodes).toEqual(Int32Array.of(0, 1, 0, 2, 0, 2, 3, 1))
  })

  test('tells paths apart whose levels join to the same text', () => {
    const paths = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['']]
    const read = runAtOnce(readCategoryPaths(columnOf(paths)))
    expect(read.categoryPaths.slice(1)).toEqual(paths)
  })

  test('agrees with the columns built of records', () => {
    const rng = createRng(3)
    const paths = Array.from({ length: 5000 }, () =>
      Array.from({ length: rng.nextInt(4) }, () => `level ${rng.nextInt(12)}`),
    )
    const records = paths.map((categoryPath, i) => ({ itemId: `i${i}`, categoryPath }))
    const { categoryPaths, categoryPathCodes } = buildItemColumns(records)
    expect(runAtOnce(readCategoryPaths(columnOf(paths)))).toEqual({
      categoryPaths,
      categoryPathCodes,
    })
  })

  test('tells paths of one hash apart', () => {
    // Among 200,000 paths about four pairs share their 32 bits.
    const length = 200_000
    const paths = Array.from({ length }, (_, i) => [`${i}`])
    const { categoryPaths, categoryPathCodes } = runAtOnce(readCategoryPaths(columnOf(paths)))
    expect(categoryPaths).toHaveLength(length + 1)
    expect(categoryPathCodes.every((code, itemRow) => code === itemRow)).toBe(true)
  })
})
