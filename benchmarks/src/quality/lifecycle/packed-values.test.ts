import { expect, test } from 'vitest'
import { packValues, unpackRows, unpackValues } from './packed-values.ts'

test('unpackValues gives back what packValues took, also from the middle of an array', () => {
  const values = Float32Array.of(9, 0, 1 / 3, Number.NaN, -1e30)
  expect(unpackValues(packValues(values))).toEqual(values)
  expect(unpackValues(packValues(values.subarray(1, 3)))).toEqual(values.slice(1, 3))
})

test('unpackRows gives back whole numbers', () => {
  const rows = Int32Array.of(0, 5, 2 ** 31 - 1)
  expect(unpackRows(packValues(rows))).toEqual(rows)
})

test('packValues makes repeated values small', () => {
  expect(packValues(new Float32Array(10_000).fill(0.1)).length).toBeLessThan(200)
})
