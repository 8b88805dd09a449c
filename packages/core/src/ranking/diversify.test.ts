import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { createDiverseList, type DiverseListOptions } from './diversify.ts'
import { createLazyOrder, type LazyOrder } from './lazy-order.ts'

const orderOf = (values: Float64Array): LazyOrder =>
  createLazyOrder(
    Int32Array.from(values, (_, i) => i),
    { values, itemRows: Int32Array.from(values, (_, i) => i) },
  )

function fill(
  values: Float64Array,
  length: number,
  options: Partial<DiverseListOptions> & { ignoreCaps?: boolean; taken?: number[] } = {},
): readonly number[] {
  const { strength = 0, similarity = () => 0, caps = [], ignoreCaps = false, taken = [] } = options
  const list = createDiverseList(values, { strength, similarity, caps })
  for (const position of taken) list.take(position)
  list.fill(orderOf(values), { length, ignoreCaps })
  return list.taken
}

/** Of two twins (0 and 1) and a stranger (2). */
const twins = (a: number, b: number): number => (a < 2 && b < 2 ? 0.9 : 0)

describe('createDiverseList', () => {
  test('weighs value against the nearest item taken', () => {
    const values = Float64Array.of(1, 0.8, 0.5)
    // Second place: twin 0.5 * 0.8 - 0.5 * 0.9 = -0.05, stranger 0.5 * 0.5 - 0 = 0.25.
    expect(fill(values, 3, { strength: 0.5, similarity: twins })).toEqual([0, 2, 1])
    // 0.75 * 0.8 - 0.25 * 0.9 = 0.375 against 0.75 * 0.5 = 0.375: the first in order.
    expect(fill(Float64Array.of(1, 0.8, 0.49), 2, { strength: 0.25, similarity: twins })).toEqual([
      0, 1,
    ])
    expect(fill(Float64Array.of(1, 0.8, 0.51), 2, { strength: 0.25, similarity: twins })).toEqual([
      0, 2,
    ])
    expect(fill(values, 3, { similarity: twins })).toEqual([0, 1, 2])
  })

  test('counts opposites as strangers', () => {
    const opposite = (a: number, b: number): number => (a + b === 2 ? -1 : 0)
    expect(fill(Float64Array.of(1, 0.5, 0.4), 3, { strength: 0.5, similarity: opposite })).toEqual([
      0, 1, 2,
    ])
  })

  test('stops taking from a full group, and counts what was taken before', () => {
    const values = Float64Array.of(5, 4, 3, 2, 1)
    const groups = [7, 7, 7, -1, -1]
    const caps = [{ max: 2, groupOf: (position: number) => groups[position] as number }]
    expect(fill(values, 4, { caps })).toEqual([0, 1, 3, 4])
    expect(fill(values, 4, { caps, taken: [2] })).toEqual([2, 0, 3, 4])
    expect(fill(values, 4, { caps, ignoreCaps: true })).toEqual([0, 1, 2, 3])
  })

  test('says which items came on top of a full group', () => {
    const caps = [{ max: 1, groupOf: () => 0 }]
    const list = createDiverseList(Float64Array.of(2, 1), { strength: 0, similarity: twins, caps })
    list.fill(orderOf(Float64Array.of(2, 1)), { length: 5, ignoreCaps: true })
    expect(list.taken).toEqual([0, 1])
    expect(list.overCap).toEqual([false, true])
  })

  test('takes what comparing every pair would take', () => {
    const rng = createRng(11)
    for (let n = 0; n < 60; n++) {
      const size = 1 + rng.nextInt(30)
      const values = Float64Array.from({ length: size }, () => rng.nextNormal())
      const points = Array.from(
        { length: size },
        () => [rng.nextNormal(), rng.nextNormal()] as const,
      )
      const similarity = (a: number, b: number): number => {
        const [p, q] = [points[a], points[b]] as [
          readonly [number, number],
          readonly [number, number],
        ]
        return (p[0] * q[0] + p[1] * q[1]) / (Math.hypot(...p) * Math.hypot(...q))
      }
      const strength = rng.nextInt(5) / 4
      const left = new Set(values.keys())
      const expected: number[] = []
      while (expected.length < 8 && left.size > 0) {
        const gain = (i: number): number =>
          (1 - strength) * (values[i] as number) -
          strength * Math.max(0, ...expected.map((taken) => similarity(i, taken)))
        // Of equals the one with the higher value, as the list is ordered by it.
        const best = [...left]
          .sort((a, b) => (values[b] as number) - (values[a] as number))
          .reduce((a, b) => (gain(b) > gain(a) ? b : a))
        expected.push(best)
        left.delete(best)
      }
      expect(fill(values, 8, { strength, similarity })).toEqual(expected)
    }
  })
})
