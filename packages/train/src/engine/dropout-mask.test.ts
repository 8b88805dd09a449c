import { expect, test } from 'vitest'
import { dropoutMask } from './dropout-mask.ts'

const options = { rate: 0.25, seed: 7, site: 0 }

test('dropoutMask drops the share asked for and keeps the mean', () => {
  const mask = dropoutMask(100_001, options)
  const dropped = mask.filter((value) => value === 0).length / mask.length
  expect(dropped).toBeCloseTo(0.25, 2)
  expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
  expect(mask.reduce((sum, value) => sum + value, 0) / mask.length).toBeCloseTo(1, 2)
})

test('dropoutMask is fixed by seed and site', () => {
  const base = dropoutMask(64, options)
  expect(dropoutMask(64, options)).toEqual(base)
  expect(dropoutMask(64, { ...options, site: 1 })).not.toEqual(base)
  expect(dropoutMask(64, { ...options, seed: 8 })).not.toEqual(base)
})
