import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { runAtOnce, runInSlices, type SlicedWork } from './run-in-slices.ts'

/** Spins for a fifth of a millisecond a step. */
function* spin(numSteps: number): SlicedWork<string> {
  for (let i = 0; i < numSteps; i++) {
    const endMs = performance.now() + 0.2
    while (performance.now() < endMs);
    yield
  }
  return 'done'
}

/** Counts turns of the event loop until `isOver` holds. */
async function countTurns(isOver: () => boolean): Promise<number> {
  let count = 0
  while (!isOver()) {
    await setImmediate()
    count++
  }
  return count
}

describe('runInSlices', () => {
  test('returns the result, and lets the event loop turn between slices', async () => {
    const turnsIn = async (sliceMs: number | undefined): Promise<number> => {
      let isOver = false
      const turns = countTurns(() => isOver)
      expect(await runInSlices(spin(100), { sliceMs })).toBe('done')
      isOver = true
      return turns
    }
    expect(await turnsIn(undefined)).toBeGreaterThan(10)
    expect(await turnsIn(1e4)).toBeLessThan(5)
  })

  test('stops at a signal, and passes on what the work throws', async () => {
    const reason = new Error('enough')
    await expect(runInSlices(spin(3), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const late = runInSlices(spin(1000), { signal: AbortSignal.timeout(5) })
    await expect(late).rejects.toThrow('timeout')
    // biome-ignore lint/correctness/useYield: it fails before its first step
    const failing = function* (): SlicedWork<void> {
      throw reason
    }
    await expect(runInSlices(failing())).rejects.toBe(reason)
  })
})

test('runAtOnce returns the result of all steps', () => {
  expect(runAtOnce(spin(3))).toBe('done')
})
