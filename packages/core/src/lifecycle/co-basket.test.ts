import { describe, expect, test } from 'vitest'
import { buildDataset } from '../testing.ts'
import { type CoBasketOptions, fitCoBasket } from './co-basket.ts'
import { checkItemLinks, type ItemLinks } from './item-links.ts'

const { sequences } = buildDataset([
  [
    [1, 0],
    [2, 0],
    [1, 180],
    [3, 180.5],
  ],
  [
    [1, 180],
    [2, 180.2],
    [1, 180.4],
  ],
  [[4, 180]],
])
const ends = Int32Array.of(4, 7, 8)
const base = { numItems: 5, asOfDay: 360 }
const fit = (options: Partial<CoBasketOptions> = {}, past = ends): ItemLinks =>
  fitCoBasket(sequences, past, { ...base, ...options })

function table({ numItems, offsets, itemRows, weights }: ItemLinks): Record<string, number> {
  const found: Record<string, number> = {}
  for (let i = 1; i <= numItems; i++)
    for (let e = offsets[i] as number; e < (offsets[i + 1] as number); e++)
      found[`${i}-${itemRows[e]}`] = weights[e] as number
  return found
}

describe('fitCoBasket', () => {
  // The visit of day 0 weighs a quarter, the two of day 180 a half.
  const n1 = 0.25 + 0.5 + 0.5
  const n2 = 0.25 + 0.5
  const w12 = (0.25 + 0.5) / Math.sqrt((n1 + 3) * (n2 + 3))
  const w13 = 0.5 / Math.sqrt((n1 + 3) * (0.5 + 3))

  test('divides the weight of shared visits by that of all, an item counted once a visit', () => {
    const links = fit()
    expect(() => checkItemLinks(links)).not.toThrow()
    const found = table(links)
    expect(Object.keys(found)).toEqual(['1-2', '1-3', '2-1', '3-1'])
    expect(found['1-2']).toBeCloseTo(w12, 6)
    expect(found['2-1']).toBeCloseTo(w12, 6)
    expect(found['1-3']).toBeCloseTo(w13, 6)
    expect(found['3-1']).toBeCloseTo(w13, 6)
  })

  test('knows nothing after the ends', () => {
    expect(table(fit({}, Int32Array.of(2, 4, 7)))).toEqual({
      '1-2': expect.closeTo(0.25 / (0.25 + 3), 6),
      '2-1': expect.closeTo(0.25 / (0.25 + 3), 6),
    })
  })

  test('fades by the half-life and damps by what it is told', () => {
    const found = table(fit({ halfLifeDays: 90, damping: 0 }))
    expect(found['1-3']).toBeCloseTo(0.25 / Math.sqrt((0.0625 + 0.25 + 0.25) * 0.25), 6)
  })

  test('keeps the strongest links', () => {
    expect(Object.keys(table(fit({ maxLinks: 1 })))).toEqual(['1-2', '2-1', '3-1'])
  })

  test('counts a large visit with its first items', () => {
    const one = buildDataset([
      [
        [1, 0],
        [1, 0],
        [2, 0],
        [3, 0],
      ],
    ])
    const links = fitCoBasket(one.sequences, Int32Array.of(4), {
      numItems: 3,
      asOfDay: 0,
      maxVisitItems: 2,
    })
    expect(table(links)).toEqual({
      '1-2': expect.closeTo(1 / (1 + 3), 6),
      '2-1': expect.closeTo(1 / (1 + 3), 6),
    })
  })

  test.each([
    ['INVALID_OPTION', { asOfDay: 179 }, ends],
    ['INVALID_OPTION', { asOfDay: 360.5 }, ends],
    ['INVALID_OPTION', { halfLifeDays: 0 }, ends],
    ['INVALID_OPTION', { damping: -1 }, ends],
    ['INVALID_OPTION', { maxLinks: 0 }, ends],
    ['INVALID_OPTION', { maxVisitItems: 0 }, ends],
    ['UNKNOWN_ITEM', { numItems: 3 }, ends],
    ['SHAPE_MISMATCH', {}, Int32Array.of(4, 7)],
    ['SHAPE_MISMATCH', {}, Int32Array.of(5, 7, 8)],
    ['SHAPE_MISMATCH', {}, Int32Array.of(4, 3, 8)],
  ])('throws %s for %o and ends %o', (code, options, past) => {
    expect(() => fit(options, past)).toThrow(expect.objectContaining({ code }))
  })
})
