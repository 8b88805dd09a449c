import { expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { buildCategoryTree } from './category-tree.ts'

test('numbers categories after those that hold them, and the same name in two places twice', () => {
  const tree = buildCategoryTree(
    new ItemCatalog([
      { itemId: 'a', categoryPath: ['Kitchen', 'Tea'] },
      { itemId: 'b' },
      { itemId: 'c', categoryPath: ['Kitchen'] },
      { itemId: 'd', categoryPath: ['Garden', 'Tea'] },
    ]),
  )
  expect(tree.paths).toEqual([[], ['Kitchen'], ['Kitchen', 'Tea'], ['Garden'], ['Garden', 'Tea']])
  expect([...tree.parents]).toEqual([-1, 0, 1, 0, 3])
  expect([...tree.depths]).toEqual([0, 1, 2, 1, 2])
  expect([...tree.nodeOfItem]).toEqual([0, 2, 0, 1, 4])
  expect(tree.maxDepth).toBe(2)
  expect(tree.nodeOf(['Garden', 'Tea'])).toBe(4)
  expect(tree.nodeOf([])).toBe(0)
  expect(tree.nodeOf(['Tea'])).toBeUndefined()
})
