import { createRng } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { createZipf } from './zipf.ts'

/** Counts `numDraws` draws of three ranks. */
function countDraws(numDraws: number, exponent?: number): number[] {
  const draw = createZipf(3, { rng: createRng(1), exponent })
  const counts = [0, 0, 0]
  for (let i = 0; i < numDraws; i++) {
    const rank = draw()
    counts[rank] = (counts[rank] as number) + 1
  }
  return counts
}

describe('createZipf', () => {
  test('draws rank r with a share of 1 / (r + 1) of the sum', () => {
    const total = 1 + 1 / 2 + 1 / 3
    const shares = countDraws(100_000).map((count) => count / 100_000)
    expect(shares[0]).toBeCloseTo(1 / total, 2)
    expect(shares[1]).toBeCloseTo(1 / 2 / total, 2)
    expect(shares[2]).toBeCloseTo(1 / 3 / total, 2)
  })

  test('draws all ranks alike with an exponent of 0', () => {
    for (const count of countDraws(100_000, 0)) expect(count / 100_000).toBeCloseTo(1 / 3, 2)
  })
})
