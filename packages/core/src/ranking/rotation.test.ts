import { expect, test } from 'vitest'
import { DAY_MS } from '../data/columns.ts'
import { rotationLoss } from './rotation.ts'

test('rotationLoss halves every half-life', () => {
  const asOfMs = 100 * DAY_MS
  const loss = (ageDays: number, halfLifeDays = 3): number =>
    rotationLoss(asOfMs - ageDays * DAY_MS, { asOfMs, halfLifeDays })
  expect([0, 3, 6].map((age) => loss(age))).toEqual([1 / 2, 1 / 4, 1 / 8])
  expect(loss(10, 10)).toBe(loss(3))
  expect(loss(-1)).toBe(0)
  expect(rotationLoss(undefined, { asOfMs, halfLifeDays: 3 })).toBe(0)
})
