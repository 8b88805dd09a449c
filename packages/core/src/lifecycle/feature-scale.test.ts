import { expect, test } from 'vitest'
import { fitFeatureScale, standardize } from './feature-scale.ts'

test('fitFeatureScale and standardize bring columns to mean 0 and deviation 1, NaN to the mean, outliers to 5', () => {
  const features = Float32Array.of(1, 7, Number.NaN, 3, 7, Number.NaN, Number.NaN, 7, Number.NaN)
  const scale = fitFeatureScale(features, 3)
  expect(scale.means).toEqual([2, 7, 0])
  // A constant column and an empty one have no scale of their own.
  expect(scale.deviations).toEqual([1, 1, 1])
  expect([...standardize(features, scale)]).toEqual([-1, 0, 0, 1, 0, 0, 0, 0, 0])
  expect([...standardize(Float32Array.of(99, 7, -99), scale)]).toEqual([5, 0, -5])
})
