import { describe, expect, test } from 'vitest'
import { ItemScores } from './item-scores.ts'
import { Population } from './population.ts'

const build = (
  purchases: readonly (readonly [user: number, item: number, day: number])[],
  options: { neighbors?: number; recentHalfLivesDays?: readonly number[] } = {},
): Population => {
  const population = new Population({ numItems: 5, similarityHalfLifeDays: 10, ...options })
  for (const [user, item, day] of purchases) population.add(user, item, day)
  return population
}
const profile = { itemRows: Int32Array.of(1, 2), weights: Float64Array.of(1, 1) }

describe('Population', () => {
  test('finds the users nearest by cosine of decayed purchases, without the one left out', () => {
    // User 0 bought as the profile; 1 half of it; 2 the first item ten days earlier, so it counts half; 3 nothing of it.
    const population = build([
      [2, 1, 0],
      [0, 1, 10],
      [0, 2, 10],
      [1, 1, 10],
      [2, 2, 10],
      [3, 3, 10],
    ])
    const { userRows, similarities } = population.nearest(profile, undefined)
    expect([...userRows]).toEqual([0, 2, 1])
    // The profile's own length is left out: it is the same for all.
    expect(similarities[0]).toBeCloseTo(2 / Math.sqrt(2), 5)
    expect(similarities[1]).toBeCloseTo(1.5 / Math.sqrt(1.25), 5)
    expect(similarities[2]).toBeCloseTo(1, 5)
    expect([...population.nearest(profile, 0).userRows]).toEqual([2, 1])
    expect([
      ...build(
        [
          [0, 1, 0],
          [1, 1, 0],
        ],
        { neighbors: 1 },
      ).nearest(profile, undefined).userRows,
    ]).toHaveLength(1)
  })

  test('adds what neighbours bought, by half-life and ever', () => {
    const population = build(
      [
        [0, 1, 0],
        [0, 3, 10],
        [1, 1, 10],
        [1, 3, 0],
        [1, 3, 10],
      ],
      {
        recentHalfLivesDays: [10],
      },
    )
    const neighbors = { userRows: Int32Array.of(0, 1), similarities: Float64Array.of(3, 1) }
    const [recent, ever] = [new ItemScores(5), new ItemScores(5)]
    population.addPurchasesOf(neighbors, [recent, ever], 20)
    expect(recent.of(3)).toBeCloseTo(0.75 * 0.5 + 0.25 * (0.25 + 0.5), 9)
    expect(recent.of(1)).toBeCloseTo(0.75 * 0.25 + 0.25 * 0.5, 9)
    expect(ever.of(3)).toBeCloseTo(1, 9)
    expect([...recent.itemRows].sort()).toEqual([1, 3])
  })

  test('says how often and how long after the last time an item was bought', () => {
    const population = build([])
    expect(population.add(0, 1, 5)).toEqual({ count: 1, gapDays: 0 })
    expect(population.add(0, 1, 5)).toEqual({ count: 0, gapDays: 0 })
    expect(population.add(0, 1, 12)).toEqual({ count: 2, gapDays: 7 })
    expect(population.lastVisitOf(0)).toBe(12)
    expect(population.lastVisitOf(1)).toBeUndefined()
  })

  test('keeps pairs and owners together while its tables grow', () => {
    const population = new Population({ numItems: 40 })
    for (let round = 0; round < 3; round++)
      for (let user = 0; user < 60; user++)
        for (let n = 0; n < 12; n++) population.add(user, 1 + ((user * n + n) % 40), 10 * round)
    for (let user = 0; user < 60; user++) {
      const expected = new Set(Array.from({ length: 12 }, (_, n) => 1 + ((user * n + n) % 40)))
      expect(new Set(population.itemsOf(user))).toEqual(expected)
      const own = {
        itemRows: population.itemsOf(user),
        weights: new Float64Array(expected.size).fill(1),
      }
      // Nobody is nearer to a user than one who bought the same.
      const { userRows } = population.nearest(own, undefined)
      expect(new Set(population.itemsOf(userRows[0] as number))).toEqual(expected)
    }
  })
})
