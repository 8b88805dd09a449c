import { describe, expect, test } from 'vitest'
import { createRng } from '../random.ts'
import { kthLargest } from './kth-largest.ts'

describe('kthLargest', () => {
  test.each([1, 2, 3, 10, 101])('agrees with a sort of %i values for every k', (length) => {
    const rng = createRng(length)
    // Few distinct values, so many are equal.
    const values = Float32Array.from({ length }, () => rng.nextInt(20) - 10)
    const sorted = values.toSorted().reverse()
    for (let k = 1; k <= length; k++) {
      const scratch = values.slice()
      expect(kthLargest(scratch, length, k)).toBe(sorted[k - 1])
      expect(scratch.subarray(0, k).toSorted().reverse()).toEqual(sorted.subarray(0, k))
    }
  })

  test('leaves what stands behind the first values out', () => {
    expect(kthLargest(Float32Array.of(1, 3, 2, 9), 3, 1)).toBe(3)
  })
})
