import { expect, test } from 'vitest'
import { createFitConfig, learningRateAt } from './options.ts'

test('learningRateAt rises over the warm-up, then stays or falls to 0 as half a cosine wave', () => {
  const rates = (learningRateDecay: 'none' | 'cosine', warmUpSteps: number): number[] =>
    [0, 5, 10, 20].map((step) =>
      learningRateAt(
        { learningRate: 0.2, learningRateDecay, warmUpSteps, maxEpochs: 4 },
        { step, stepsPerEpoch: 5 },
      ),
    )
  expect(rates('none', 0)).toEqual([0.2, 0.2, 0.2, 0.2])
  const expected = [0.2, 0.1 * (1 + Math.SQRT1_2), 0.1, 0]
  rates('cosine', 0).forEach((rate, i) => {
    expect(rate).toBeCloseTo(expected[i] as number, 12)
  })
  const warm = [0.2 / 20, 0.2 * (6 / 20), 0.2 * (11 / 20), 0.2]
  rates('none', 20).forEach((rate, i) => {
    expect(rate).toBeCloseTo(warm[i] as number, 12)
  })
})

test('createFitConfig takes the full softmax for small catalogues only', () => {
  expect(createFitConfig({}, 20_000).loss).toBe('softmax')
  expect(createFitConfig({}, 20_001).loss).toBe('sampled-softmax')
  expect(createFitConfig({}, 100).numNegatives).toBe(100)
})
