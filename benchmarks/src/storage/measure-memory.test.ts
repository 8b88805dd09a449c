import { describe, expect, test } from 'vitest'
import { measureMemory } from './measure-memory.ts'

describe('measureMemory', () => {
  test('counts a typed array of a million doubles as 8 MB', async () => {
    const { value, heapBytes, residentBytes } = await measureMemory(() =>
      new Float64Array(1e6).fill(1),
    )
    expect(value.length).toBe(1e6)
    expect(Math.abs(heapBytes / 8e6 - 1)).toBeLessThan(0.05)
    expect(residentBytes).toBeGreaterThan(4e6)
  })

  test('counts a plain array of a million doubles as 8 MB, and not what was thrown away', async () => {
    const { value, heapBytes } = await measureMemory(() => {
      const thrownAway = Array.from({ length: 1e6 }, (_, i) => i + 0.5)
      const kept = new Array<number>(1e6).fill(0.5)
      kept[0] = thrownAway.length
      return kept
    })
    expect(value[0]).toBe(1e6)
    expect(Math.abs(heapBytes / 8e6 - 1)).toBeLessThan(0.05)
  })
})
