import { describe, expect, test } from 'vitest'
import { createPoolOfCounts, drawNegatives } from './negatives.ts'
import { createFitConfig } from './options.ts'

// Rows 1 to 5; row 3 has no events.
const counts = Float64Array.of(0, 1, 4, 0, 9, 16)

describe('createPoolOfCounts', () => {
  test('sums counts to the exponent, and nothing for an item without events', () => {
    const pool = createPoolOfCounts(counts, { popularityExponent: 0.5 })
    expect([pool.numItems, pool.numEvents]).toEqual([5, 30])
    expect(Array.from(pool.cumulativeWeights)).toEqual([0, 1, 3, 3, 6, 10])
  })
})

describe('drawNegatives', () => {
  test.each([0, 0.5, 1])(
    'draws by count to the power %s and corrects for it',
    (popularityExponent) => {
      const config = createFitConfig(
        {
          loss: 'sampled-softmax',
          negativeSampling: 'popularity',
          ...{ popularityExponent, numNegatives: 5 },
        },
        5,
      )
      const pool = createPoolOfCounts(counts, config)
      const weights = Array.from(counts, (count) => (count > 0 ? count ** popularityExponent : 0))
      const sum = weights.reduce((total, weight) => total + weight, 0)
      const drawn = new Float64Array(6)
      const numDraws = 4000
      for (let step = 0; step < numDraws; step++) {
        const { items, bias } = drawNegatives(pool, {
          config,
          targets: Int32Array.of(1),
          numSequences: 1,
          stream: [step],
        })
        items.forEach((row, i) => {
          drawn[row] = (drawn[row] as number) + 1
          expect(bias[i]).toBeCloseTo(-Math.log((5 * (weights[row] as number)) / sum), 5)
        })
      }
      // The deviation of a share of 20,000 draws is below 0.0036.
      drawn.forEach((count, row) => {
        const share = (weights[row] as number) / sum
        expect(Math.abs(count / (5 * numDraws) - share)).toBeLessThan(0.015)
      })
    },
  )
})
