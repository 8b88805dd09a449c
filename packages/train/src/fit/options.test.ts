import { expect, test } from 'vitest'
import { createFitConfig, learningRateAt } from './options.ts'

test('learningRateAt stays, or falls to 0 as half a cosine wave', () => {
  const rates = (learningRateDecay: 'none' | 'cosine'): number[] =>
    [0, 0.25, 0.5, 1].map((share) =>
      learningRateAt({ learningRate: 0.2, learningRateDecay }, share),
    )
  expect(rates('none')).toEqual([0.2, 0.2, 0.2, 0.2])
  const expected = [0.2, 0.1 * (1 + Math.SQRT1_2), 0.1, 0]
  rates('cosine').forEach((rate, i) => {
    expect(rate).toBeCloseTo(expected[i] as number, 12)
  })
})

test('createFitConfig takes the full softmax for small catalogues only', () => {
  expect(createFitConfig({}, 20_000).loss).toBe('softmax')
  expect(createFitConfig({}, 20_001).loss).toBe('sampled-softmax')
  expect(createFitConfig({}, 100).numNegatives).toBe(100)
})
