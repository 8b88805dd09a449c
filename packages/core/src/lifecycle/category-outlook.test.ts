import { describe, expect, test } from 'vitest'
import { ItemCatalog } from '../data/item-catalog.ts'
import { createRng } from '../random.ts'
import {
  type CategoryOutlook,
  fitOutlook,
  type OutlookExample,
  outlook,
} from './category-outlook.ts'
import { buildCategoryTree } from './category-tree.ts'

/** Rows 1 and 2 lie in Pantry > Tea, 3 in Pantry > Coffee, 4 in Pets, 5 nowhere. */
const TREE = buildCategoryTree(
  new ItemCatalog([
    { itemId: 'green', categoryPath: ['Pantry', 'Tea'] },
    { itemId: 'black', categoryPath: ['Pantry', 'Tea'] },
    { itemId: 'beans', categoryPath: ['Pantry', 'Coffee'] },
    { itemId: 'food', categoryPath: ['Pets'] },
    { itemId: 'card' },
  ]),
)

function at(tree: CategoryOutlook, path: readonly string[]): number | undefined {
  return path.reduce<CategoryOutlook | undefined>(
    (node, name) => node?.children.find((child) => child.path.at(-1) === name),
    tree,
  )?.probability
}

/** Items of a category that are bought all together or not at all. */
function bundles(count: number, probability: number): OutlookExample[] {
  const rng = createRng(3)
  return Array.from({ length: count }, () => ({
    itemRows: Int32Array.of(1, 2, 3, 4),
    probabilities: Float64Array.of(probability, probability, probability, probability),
    targets: rng.next() < probability ? Int32Array.of(1, 2, 3, 4) : new Int32Array(0),
  }))
}

describe('outlook', () => {
  const itemRows = Int32Array.of(1, 2, 3, 4, 5)
  const probabilities = [0.2, 0.3, 0.5, 0.1, 0.4]

  test('joins independent items level by level', () => {
    const tree = outlook({ itemRows, probabilities }, TREE)
    expect(at(tree, ['Pantry', 'Tea'])).toBeCloseTo(1 - 0.8 * 0.7, 12)
    expect(at(tree, ['Pantry', 'Coffee'])).toBeCloseTo(0.5, 12)
    expect(at(tree, ['Pantry'])).toBeCloseTo(1 - 0.8 * 0.7 * 0.5, 12)
    expect(at(tree, ['Pets'])).toBeCloseTo(0.1, 12)
    expect(tree.probability).toBeCloseTo(1 - 0.8 * 0.7 * 0.5 * 0.9 * 0.6, 12)
  })

  test('lists what is most probable first, and no category without a predicted item', () => {
    const tree = outlook({ itemRows: Int32Array.of(4, 3), probabilities: [0.9, 0.2] }, TREE)
    expect(tree.path).toEqual([])
    expect(tree.children.map(({ path }) => path)).toEqual([['Pets'], ['Pantry']])
    expect(tree.children[1]?.children.map(({ path }) => path)).toEqual([['Pantry', 'Coffee']])
  })

  test('follows the law of each depth', () => {
    const levels = [
      { scale: 1, power: 1 },
      { scale: 0.5, power: 1 },
      { scale: 0.5, power: 0.5 },
    ]
    const tree = outlook({ itemRows: Int32Array.of(1, 4), probabilities: [0.1, 0.75] }, TREE, {
      levels,
    })
    // 1 - exp(-.5 * -log .25) = 1 - .25^.5.
    expect(at(tree, ['Pets'])).toBeCloseTo(0.5, 12)
    expect(at(tree, ['Pantry'])).toBeCloseTo(1 - 0.9 ** 0.5, 12)
    expect(tree.probability).toBeCloseTo(1 - 0.9 * 0.25, 12)
  })

  test('never gives a category more than the one around it', () => {
    const levels = [
      { scale: 0.6, power: 1 },
      { scale: 1, power: 0.5 },
      { scale: 3, power: 0.3 },
    ]
    const rng = createRng(11)
    const check = (node: CategoryOutlook): void => {
      for (const child of node.children) {
        expect(child.probability).toBeLessThanOrEqual(node.probability)
        check(child)
      }
    }
    for (let draw = 0; draw < 50; draw++) {
      const drawn = Float64Array.from(itemRows, () => rng.next())
      check(outlook({ itemRows, probabilities: drawn }, TREE, { levels }))
    }
    const certain = outlook({ itemRows: Int32Array.of(1), probabilities: [0.1] }, TREE, { levels })
    expect(at(certain, ['Pantry', 'Tea'])).toBe(certain.probability)
    expect(certain.probability).toBeCloseTo(1 - 0.9 ** 0.6, 12)
  })

  test('is certain where an item is, and empty without items', () => {
    expect(outlook({ itemRows: Int32Array.of(3), probabilities: [1] }, TREE).probability).toBe(1)
    expect(outlook({ itemRows: new Int32Array(0), probabilities: [] }, TREE)).toEqual({
      path: [],
      probability: 0,
      children: [],
    })
  })

  test.each([
    { name: 'an item that is not there', rows: [6], probabilities: [0.1], code: 'UNKNOWN_ITEM' },
    { name: 'padding', rows: [0], probabilities: [0.1], code: 'UNKNOWN_ITEM' },
    { name: 'a probability of 1.1', rows: [1], probabilities: [1.1], code: 'INVALID_INPUT' },
    { name: 'NaN', rows: [1], probabilities: [Number.NaN], code: 'INVALID_INPUT' },
    { name: 'too few probabilities', rows: [1, 2], probabilities: [0.1], code: 'SHAPE_MISMATCH' },
  ])('refuses $name', ({ rows, probabilities: values, code }) => {
    const items = { itemRows: Int32Array.from(rows), probabilities: values }
    expect(() => outlook(items, TREE)).toThrow(expect.objectContaining({ code }))
  })

  test('refuses a calibration of another tree', () => {
    const calibration = { levels: [{ scale: 1, power: 1 }] }
    expect(() => outlook({ itemRows, probabilities }, TREE, calibration)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })
})

describe('fitOutlook', () => {
  test('corrects for items that are bought together', () => {
    const examples = bundles(4000, 0.3)
    const items = examples[0] as OutlookExample
    const share = examples.filter(({ targets }) => targets.length > 0).length / examples.length
    const raw = outlook(items, TREE)
    expect(raw.probability).toBeCloseTo(1 - 0.7 ** 4, 12)
    const fitted = outlook(items, TREE, fitOutlook(examples, TREE))
    for (const path of [[], ['Pantry', 'Tea']])
      expect(Math.abs((at(fitted, path) as number) - share)).toBeLessThan(0.02)
  })

  test('counts what was bought without being predicted', () => {
    const examples = Array.from({ length: 2000 }, (_, i) => ({
      itemRows: Int32Array.of(1),
      probabilities: Float64Array.of(0.1),
      targets: i % 2 === 0 ? Int32Array.of(2) : new Int32Array(0),
    }))
    const fitted = outlook(examples[0] as OutlookExample, TREE, fitOutlook(examples, TREE))
    expect(at(fitted, ['Pantry', 'Tea'])).toBeCloseTo(0.5, 2)
  })

  test('has one law a depth and needs an example', () => {
    expect(fitOutlook(bundles(10, 0.3), TREE).levels).toHaveLength(3)
    expect(() => fitOutlook([], TREE)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  test('can be kept as JSON', () => {
    const examples = bundles(50, 0.3)
    const calibration = fitOutlook(examples, TREE)
    const kept = JSON.parse(JSON.stringify(calibration))
    const items = examples[0] as OutlookExample
    expect(outlook(items, TREE, kept)).toEqual(outlook(items, TREE, calibration))
  })
})
