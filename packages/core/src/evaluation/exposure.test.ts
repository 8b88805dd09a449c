import { describe, expect, test } from 'vitest'
import { markPopular, p90Coverage, shownShareAtK } from './exposure.ts'

describe('markPopular', () => {
  test('marks the most bought share of the catalogue, rounded up, never padding', () => {
    const counts = Int32Array.of(100, 5, 9, 7, 7)
    expect(markPopular(counts)).toEqual(Uint8Array.of(0, 0, 1, 0, 0))
    expect(markPopular(counts, { share: 0.5 })).toEqual(Uint8Array.of(0, 0, 1, 1, 0))
    expect(markPopular(counts, { share: 0.51 })).toEqual(Uint8Array.of(0, 0, 1, 1, 1))
  })

  test('refuses a share above 1', () => {
    expect(() => markPopular(Int32Array.of(0, 1), { share: 1.1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('shownShareAtK', () => {
  test('counts only shown places within k', () => {
    const ranked = Int32Array.of(3, 8, 4, 0, 0)
    const isEven = (itemRow: number): boolean => itemRow % 2 === 0
    expect(shownShareAtK(ranked, isEven, { k: 2 })).toBe(1 / 2)
    expect(shownShareAtK(ranked, isEven, { k: 5 })).toBe(2 / 3)
    expect(shownShareAtK(new Int32Array(3), isEven, { k: 3 })).toBeNaN()
  })
})

describe('p90Coverage', () => {
  test('is the smallest share of items that fill 90 % of the places', () => {
    // Item 1 fills 9 of 10 places, which is 90 % exactly.
    const nine = Int32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 2)
    expect(p90Coverage({ topK: nine, width: 1 }, { k: 1, numItems: 20 })).toBe(1 / 20)
    const eight = Int32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 3, 2)
    expect(p90Coverage({ topK: eight, width: 1 }, { k: 1, numItems: 20 })).toBe(2 / 20)
  })

  test('looks at the first k of each list and leaves empty places out', () => {
    const lists = { topK: Int32Array.of(1, 2, 1, 3, 1, 0), width: 2 }
    expect(p90Coverage(lists, { k: 1, numItems: 4 })).toBe(1 / 4)
    // 3, 1 and 1 of 5 places: 4 are 80 %.
    expect(p90Coverage(lists, { k: 2, numItems: 4 })).toBe(3 / 4)
    expect(p90Coverage({ topK: new Int32Array(2), width: 2 }, { k: 2, numItems: 4 })).toBeNaN()
  })
})
