import { expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { createLazyOrder } from './lazy-order.ts'

test('createLazyOrder gives every position once, the highest value first, equals by popularity, then item row', () => {
  const rng = createRng(3)
  for (let length = 0; length < 40; length++) {
    const values = Float64Array.from({ length }, () => rng.nextInt(6))
    const itemRows = Int32Array.from({ length }, (_, i) => 1 + ((i * 17) % 41))
    const positions = Int32Array.from({ length }, (_, i) => i)
    const popularity = Float32Array.from({ length: 42 }, () => rng.nextInt(2))
    const popularityAt = (position: number) => popularity[itemRows[position] as number] as number
    const expected = [...positions].sort(
      (a, b) =>
        (values[b] as number) - (values[a] as number) ||
        popularityAt(b) - popularityAt(a) ||
        (itemRows[a] as number) - (itemRows[b] as number),
    )
    const order = createLazyOrder(positions, { values, itemRows, popularity })
    expect(order.length).toBe(length)
    const places = Array.from({ length }, (_, i) => i)
    // Asked for out of turn first.
    if (length > 3) expect(order.at(3)).toBe(expected[3])
    expect(places.map((i) => order.at(i))).toEqual(expected)
  }
})
