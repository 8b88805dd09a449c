import { describe, expect, test } from 'vitest'
import { countFlops } from './count-flops.ts'

// Two sequences of 3 and 1 tokens: 6 + 1 pairs that see each other.
const batch = { offsets: Int32Array.of(0, 3, 4), tokens: new Int32Array(4) }
const encoder = { dim: 2, numBlocks: 1, feedForwardDim: 5 }

describe('countFlops', () => {
  // Forward: [4, 2] x [2, 6] for q, k, v is 96, the output 32, the layer 80 twice, scores and sums of attention 28 each.
  const block = 96 + 32 + 2 * 80 + 2 * 28

  test('counts both logits of binary cross-entropy', () => {
    const negatives = new Int32Array(4)
    const flops = countFlops({ ...batch, negatives }, { encoder, numItems: 10, loss: 'bce' })
    expect(flops).toBe(3 * (block + 2 * 16))
  })

  test('counts target and shared negatives of sampled softmax', () => {
    const negatives = new Int32Array(6)
    const loss = 'sampled-softmax'
    expect(countFlops({ ...batch, negatives }, { encoder, numItems: 10, loss })).toBe(
      3 * (block + 7 * 16),
    )
  })

  test('counts every item of full softmax, and each block', () => {
    const negatives = new Int32Array(0)
    const two = { ...encoder, numBlocks: 2 }
    expect(
      countFlops({ ...batch, negatives }, { encoder: two, numItems: 10, loss: 'softmax' }),
    ).toBe(3 * (2 * block + 10 * 16))
  })
})
