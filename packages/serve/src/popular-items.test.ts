import { createRng } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createPopularItems } from './popular-items.ts'

const NUM_ITEMS = 12_000
const rng = createRng(5)
const popularity = Float32Array.from({ length: NUM_ITEMS + 1 }, () => rng.nextInt(1000))
const popular = createPopularItems(popularity)

/** All rows in order, the plain way. */
const order = Array.from({ length: NUM_ITEMS }, (_, i) => i + 1).sort(
  (a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b,
)

describe('createPopularItems', () => {
  test('gives the most popular first, equal ones by row', () => {
    const best = popular.best(100, { allowed: undefined, numItems: NUM_ITEMS })
    expect(best).toEqual(order.slice(0, 100))
  })

  test.each([1, 2, 3000])('leaves out what is taken or not allowed (one row in %d is)', (every) => {
    const allowed = Uint8Array.from({ length: NUM_ITEMS + 1 }, (_, row) =>
      row % every === 0 ? 1 : 0,
    )
    const rows = order.filter((row) => row % every === 0)
    const taken = new Set(rows.slice(0, 2))
    const best = popular.best(50, { allowed, numItems: NUM_ITEMS, taken })
    expect(best).toEqual(rows.slice(2, 52))
  })

  test('reaches items beyond the ordered ones, and new ones last', () => {
    const taken = new Set(order.slice(0, 11_990))
    const best = popular.best(20, { allowed: undefined, numItems: NUM_ITEMS + 2, taken })
    expect(best.slice(0, 10)).toEqual(order.slice(11_990))
    expect(best.slice(10)).toEqual([NUM_ITEMS + 1, NUM_ITEMS + 2])
    expect(popular.popularityOf(NUM_ITEMS + 1)).toBe(0)
  })
})
