import { describe, expect, test } from 'vitest'
import {
  checkSpace,
  defaultSpace,
  drawOptions,
  drawTrials,
  type SearchSpace,
} from './search-space.ts'

describe('drawOptions', () => {
  test('draws within the space, the same for a seed and trial', () => {
    const space = defaultSpace(10_000)
    const rates: number[] = []
    for (let trial = 0; trial < 200; trial++) {
      const options = drawOptions(space, { seed: 3, trial })
      expect(drawOptions(space, { seed: 3, trial })).toEqual(options)
      expect([32, 64, 128]).toContain(options.encoder?.dim)
      expect(options.encoder?.dropout).toBeGreaterThanOrEqual(0.1)
      expect(options.encoder?.dropout).toBeLessThanOrEqual(0.5)
      const rate = options.learningRate as number
      expect(rate).toBeGreaterThanOrEqual(5e-4)
      expect(rate).toBeLessThanOrEqual(5e-3)
      rates.push(rate)
    }
    // On a log scale half of the draws lie below the geometric mean.
    const below = rates.filter((rate) => rate < Math.sqrt(5e-4 * 5e-3)).length
    expect(Math.abs(below - 100)).toBeLessThan(30)
    expect(drawOptions(space, { seed: 4, trial: 0 })).not.toEqual(
      drawOptions(space, { seed: 3, trial: 0 }),
    )
  })

  test.each(['linear', 'log'] as const)('draws whole numbers with both ends, %s', (scale) => {
    const space: SearchSpace = { numNegatives: { min: 2, max: 4, scale, integer: true } }
    const counts = [0, 0, 0]
    for (let trial = 0; trial < 600; trial++) {
      const at = (drawOptions(space, { seed: 1, trial }).numNegatives as number) - 2
      counts[at] = (counts[at] as number) + 1
    }
    // Linear: a third each. Log: ln(3/2), ln(4/3) and ln(5/4) of ln(5/2).
    const logs = [3 / 2, 4 / 3, 5 / 4].map((ratio) => Math.log(ratio) / Math.log(5 / 2))
    const shares = scale === 'linear' ? [1 / 3, 1 / 3, 1 / 3] : logs
    expect(counts.length).toBe(3)
    counts.forEach((count, i) => {
      expect(Math.abs(count - 600 * (shares[i] as number))).toBeLessThan(50)
    })
  })
})

describe('drawTrials', () => {
  test('refuses what does not fit together or not the catalogue, before any training', () => {
    const settings = { seed: 1, numTrials: 1, numItems: 100 }
    const heads: SearchSpace = {
      'encoder.dim': { choices: [32] },
      'encoder.numHeads': { choices: [3] },
    }
    checkSpace(heads)
    expect(() => drawTrials(heads, settings)).toThrow(
      'trial 0 of `space` to give what `fit` takes. Expected `dim / numHeads`',
    )
    const many: SearchSpace = { numNegatives: { choices: [101] } }
    checkSpace(many)
    expect(() => drawTrials(many, settings)).toThrow('`numNegatives`')
  })
})

describe('defaultSpace', () => {
  test.each([5, 130, 20_000, 20_001])('is one that %i items can be searched with', (numItems) => {
    const space = defaultSpace(numItems)
    checkSpace(space)
    const trials = drawTrials(space, { seed: 1, numTrials: 50, numItems })
    const losses = new Set(trials.map(({ options }) => options.loss))
    expect(losses.has('softmax')).toBe(numItems <= 20_000)
  })
})

describe('checkSpace', () => {
  test.each<[string, unknown]>([
    ['encoder.width', { 'encoder.width': { choices: [1] } }],
    ['maxEpochs', { maxEpochs: { choices: [1] } }],
    ['excludeSeen', { excludeSeen: { choices: [true, false] } }],
    ['`space.learningRate.min`', { learningRate: { min: 0, max: 1, scale: 'log' } }],
    ['`space.learningRate.max`', { learningRate: { min: 0.1, max: 0.01, scale: 'log' } }],
    ['`space.learningRate.scale`', { learningRate: { min: 0.01, max: 0.1 } }],
    ['`space.learningRate`', { learningRate: { min: 0.1, max: 2, scale: 'linear' } }],
    ['`space.learningRate`', { learningRate: { minimum: 0.1 } }],
    ['`space.learningRate`', { learningRate: 0.1 }],
    ['`space.learningRate`', { learningRate: null }],
    ['`space.loss.choices`', { loss: { choices: [] } }],
    ['`space.loss`', { loss: { choices: ['softmax', 'sofmax'] } }],
    ['`space.logQ`', { logQ: { choices: ['yes'] } }],
    ['`space.encoder.timeFeatures`', { 'encoder.timeFeatures': { choices: ['gap'] } }],
    ['`space.encoder.numBlocks`', { 'encoder.numBlocks': { min: 1, max: 3, scale: 'linear' } }],
    [
      '`space.encoder.numBlocks.max`',
      { 'encoder.numBlocks': { min: 1, max: 2.5, scale: 'linear', integer: true } },
    ],
    ['`space`', {}],
    ['`space`', []],
    ['`space`', null],
  ])('names what is wrong with a space: %s in %j', (path, wrong) => {
    const check = (): void => checkSpace(wrong as SearchSpace)
    expect(check).toThrow(path)
    expect(check).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
