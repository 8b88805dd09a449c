import { describe, expect, test } from 'vitest'
import { budgetWeight, isWithinBudget, isWithinRelaxedBudget } from './budget.ts'

const upTo3000 = { max: 3000 }
const UNKNOWN = Number.NaN

describe('budgetWeight', () => {
  test('prefers prices near the bound: 3000 and 1800 in full, 900 and 300 hardly', () => {
    const weights = [3000, 1800, 1500, 900, 300, 0].map((price) => budgetWeight(upTo3000, price))
    // Full weight begins at 0.6 * 3000 = 1800.
    const expected = [1, 1, (1500 / 1800) ** 4, (1 / 2) ** 4, (1 / 6) ** 4, 0]
    weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(expected[i] as number, 12)
    })
  })

  test('begins at an explicit minimum', () => {
    const budget = { min: 1000, max: 3000 }
    expect([3000, 1000, 900].map((price) => budgetWeight(budget, price))).toEqual([
      1,
      1,
      expect.closeTo(0.9 ** 4, 12),
    ])
    expect([5000, 1000].map((price) => budgetWeight({ min: 1000 }, price))).toEqual([1, 1])
  })

  test('prefers none of a plain range', () => {
    const within = { max: 3000, shape: 'within' } as const
    expect([3000, 300, 0].map((price) => budgetWeight(within, price))).toEqual([1, 1, 1])
  })

  test('falls to 0 at a fifth above the bound, and is a tenth without a price', () => {
    const weights = [3150, 3300, 3600, 4000, UNKNOWN].map((price) => budgetWeight(upTo3000, price))
    const expected = [1 - 150 / 600, 1 - 300 / 600, 0, 0, 0.1]
    weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(expected[i] as number, 12)
    })
  })
})

describe('isWithinBudget', () => {
  test('never exceeds the highest price, and is soft at the lowest one where it is near', () => {
    const near = { min: 1000, max: 3000 }
    const prices = [799, 800, 999, 1000, 3000, 3000.01, UNKNOWN]
    expect(prices.filter((price) => isWithinBudget(near, price))).toEqual([800, 999, 1000, 3000])
    const within = { ...near, shape: 'within' } as const
    expect(prices.filter((price) => isWithinBudget(within, price))).toEqual([1000, 3000])
    expect(prices.filter((price) => isWithinBudget(upTo3000, price))).toEqual(prices.slice(0, 5))
  })

  test('takes a price that is kept as float32 for the price as it was written', () => {
    expect(isWithinBudget({ max: 0.1 }, Math.fround(0.1))).toBe(true)
    expect(budgetWeight({ max: 0.1 }, Math.fround(0.1))).toBe(1)
    expect(isWithinBudget({ min: 19.99, shape: 'within' }, Math.fround(19.99))).toBe(true)
  })
})

test('isWithinRelaxedBudget allows up to a fifth more, anything cheaper, and no price', () => {
  const prices = [1, 3000, 3599, 3600, UNKNOWN]
  expect(prices.map((price) => isWithinRelaxedBudget({ min: 1000, max: 3000 }, price))).toEqual([
    true,
    true,
    true,
    false,
    true,
  ])
})
