import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { categoryBreadthAtK, categoryLevels, categoryRecallAtK } from './category-metrics.ts'

const catalog = (paths: (string[] | undefined)[]): ItemCatalog =>
  new ItemCatalog(paths.map((categoryPath, i) => ({ itemId: `i${i}`, categoryPath })))

describe('categoryLevels', () => {
  test('keeps equal names under different parents apart', () => {
    const levels = categoryLevels(
      catalog([['shoes', 'kids'], ['toys', 'kids'], ['shoes'], undefined, ['shoes', 'kids']]),
    )
    expect(levels).toEqual([Int32Array.of(0, 1, 2, 1, 0, 1), Int32Array.of(0, 1, 2, 0, 0, 1)])
  })

  test('is empty without categories', () => {
    expect(categoryLevels(catalog([undefined, []]))).toEqual([])
  })
})

describe('categoryRecallAtK', () => {
  const categories = Int32Array.of(0, 1, 1, 2, 3, 0)
  const ranked = Int32Array.of(1, 5, 3, 0)

  test('counts a category once, whatever item shows it', () => {
    const targets = Int32Array.of(2, 3, 4)
    expect(categoryRecallAtK(ranked, targets, { k: 1, categories })).toBe(1)
    expect(categoryRecallAtK(ranked, targets, { k: 2, categories })).toBe(1 / 2)
    expect(categoryRecallAtK(ranked, targets, { k: 4, categories })).toBe(2 / 3)
    const all = { k: 2, categories, denominator: 'targets' } as const
    expect(categoryRecallAtK(ranked, targets, all)).toBe(1 / 3)
  })

  test('is undefined where no target has a category', () => {
    expect(categoryRecallAtK(ranked, Int32Array.of(5), { k: 2, categories })).toBeNaN()
  })
})

describe('categoryBreadthAtK', () => {
  test('counts distinct categories, not items without one', () => {
    const categories = Int32Array.of(0, 1, 1, 2, 3, 0)
    const ranked = Int32Array.of(1, 2, 5, 3, 0)
    expect(categoryBreadthAtK(ranked, { k: 3, categories })).toBe(1)
    expect(categoryBreadthAtK(ranked, { k: 5, categories })).toBe(2)
  })
})
