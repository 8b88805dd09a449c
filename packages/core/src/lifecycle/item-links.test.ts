import { describe, expect, test } from 'vitest'
import { buildItemLinks, checkItemLinks, type ItemLinks, scoreLinks } from './item-links.ts'
import { ItemScores } from './item-scores.ts'

/** From 1 to 2 and 3, from 2 to 1, none from 3. */
const links: ItemLinks = {
  numItems: 3,
  offsets: Int32Array.of(0, 0, 2, 3, 3),
  itemRows: Int32Array.of(2, 3, 1),
  weights: Float32Array.of(0.5, -0.25, 1),
}

describe('scoreLinks', () => {
  test('adds profile times weight to what the scores hold', () => {
    const scores = new ItemScores(3)
    scores.add(3, 10)
    scoreLinks(links, { itemRows: Int32Array.of(1, 2), weights: [4, 3] }, scores)
    expect([1, 2, 3].map((itemRow) => scores.of(itemRow))).toEqual([3 * 1, 4 * 0.5, 10 - 4 * 0.25])
  })

  test('touches only items that are linked', () => {
    const scores = new ItemScores(3)
    scoreLinks(links, { itemRows: Int32Array.of(2, 3), weights: [1, 1] }, scores)
    expect([...scores.itemRows]).toEqual([1])
  })

  test.each([
    ['SHAPE_MISMATCH', { itemRows: Int32Array.of(1), weights: [] }, 3],
    ['SHAPE_MISMATCH', { itemRows: Int32Array.of(1), weights: [1] }, 4],
    ['UNKNOWN_ITEM', { itemRows: Int32Array.of(4), weights: [1] }, 3],
    ['UNKNOWN_ITEM', { itemRows: Int32Array.of(0), weights: [1] }, 3],
  ])('throws %s for %o and %i items', (code, profile, numItems) => {
    expect(() => scoreLinks(links, profile, new ItemScores(numItems))).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

describe('buildItemLinks', () => {
  const weightsOf: Record<number, readonly (readonly [itemRow: number, weight: number])[]> = {
    1: [
      [4, 0.1],
      [1, 9],
      [3, -0.4],
      [2, 0.2],
      [5, 0],
    ],
    3: [
      [5, 0.3],
      [4, 0.3],
      [1, 0.3],
    ],
  }
  const build = (maxLinks: number): ItemLinks =>
    buildItemLinks({ numItems: 5, maxLinks }, (itemRow, weights) => {
      for (const [other, weight] of weightsOf[itemRow] ?? []) weights.add(other, weight)
    })

  test('leaves out the item itself and zeros, rising item rows in each row', () => {
    expect(build(9)).toEqual({
      numItems: 5,
      offsets: Int32Array.of(0, 0, 3, 3, 6, 6, 6),
      itemRows: Int32Array.of(2, 3, 4, 1, 4, 5),
      weights: Float32Array.of(0.2, -0.4, 0.1, 0.3, 0.3, 0.3),
    })
  })

  test('keeps the strongest by absolute weight, of equal ones those added first', () => {
    const { offsets, itemRows } = build(2)
    expect([...offsets]).toEqual([0, 0, 2, 2, 4, 4, 4])
    expect([...itemRows]).toEqual([2, 3, 4, 5])
  })
})

describe('checkItemLinks', () => {
  test('takes what was built', () => {
    expect(() => checkItemLinks(links)).not.toThrow()
  })

  test.each([
    ['SHAPE_MISMATCH', { offsets: Int32Array.of(0, 0, 2, 3) }],
    ['SHAPE_MISMATCH', { itemRows: Int32Array.of(2, 3) }],
    ['SHAPE_MISMATCH', { weights: Float32Array.of(1) }],
    ['INVALID_INPUT', { offsets: Int32Array.of(0, 1, 2, 3, 3) }],
    ['INVALID_INPUT', { offsets: Int32Array.of(0, 0, 3, 2, 3) }],
    ['INVALID_INPUT', { itemRows: Int32Array.of(3, 2, 1) }],
    ['INVALID_INPUT', { itemRows: Int32Array.of(1, 3, 1) }],
    ['INVALID_INPUT', { itemRows: Int32Array.of(2, 4, 1) }],
    ['INVALID_INPUT', { weights: Float32Array.of(0.5, Number.NaN, 1) }],
    ['INVALID_INPUT', { weights: Float32Array.of(0.5, 0, 1) }],
  ])('throws %s for %o', (code, wrong) => {
    expect(() => checkItemLinks({ ...links, ...wrong })).toThrow(expect.objectContaining({ code }))
  })
})
