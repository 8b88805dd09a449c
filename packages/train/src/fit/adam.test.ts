import { expect, test } from 'vitest'
import { applyAdam, applyAdamToRows, createMoments } from './adam.ts'

const options = { learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0, step: 1 }

test('applyAdam follows the paper over two steps', () => {
  const weights = Float32Array.of(1)
  const moments = createMoments(1)
  applyAdam(weights, Float32Array.of(2), moments, options)
  // m = 0.5 * 2 = 1, corrected 1 / 0.5 = 2; v = 0.25 * 4 = 1, corrected 1 / 0.25 = 4; step 0.1 * 2 / sqrt(4).
  expect(weights[0]).toBeCloseTo(1 - (0.1 * 2) / Math.sqrt(4), 6)
  applyAdam(weights, Float32Array.of(-1), moments, { ...options, step: 2 })
  const mean = (0.5 * 1 + 0.5 * -1) / (1 - 0.5 ** 2)
  const square = (0.75 * 1 + 0.25 * 1) / (1 - 0.75 ** 2)
  expect(weights[0]).toBeCloseTo(0.9 - (0.1 * mean) / Math.sqrt(square), 6)
})

test('applyAdamToRows changes the given rows as applyAdam would, and no others', () => {
  const table = Float32Array.of(0, 0, 1, 1, 2, 2)
  const moments = createMoments(6)
  const gradients = Float32Array.of(3, -3, 5, 0)
  applyAdamToRows(table, { rows: Int32Array.of(2, 1), gradients, moments, dim: 2 }, options)
  const alone = Float32Array.of(2, 2, 1, 1)
  applyAdam(alone, gradients, createMoments(4), options)
  expect(Array.from(table)).toEqual([0, 0, alone[2], alone[3], alone[0], alone[1]])
  expect(Array.from(moments.mean.subarray(0, 2))).toEqual([0, 0])
})
