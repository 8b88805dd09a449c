import { describe, expect, test } from 'vitest'
import { countSteps, interleave, measuredSteps, medianOf } from './interleave.ts'
import type { RunningEngine } from './start-engine.ts'

const schedule = { warmUpSteps: 2, rounds: 2, settleSteps: 1, stepsPerRound: 2 }

/** An engine whose step `i` takes `i` ms and notes who ran. */
function countingEngine(name: string, log: string[]): RunningEngine {
  let step = 0
  return {
    version: name,
    run: async (numSteps) => {
      log.push(`${name} ${numSteps}`)
      const steps = Array.from({ length: numSteps }, () => step++)
      return { stepMs: steps, losses: steps, peakBytes: 10 * step }
    },
    close: async () => {},
  }
}

describe('interleave', () => {
  test('turns the order around every other round and leaves out settling steps', async () => {
    const log: string[] = []
    const engines = new Map(['a', 'b'].map((name) => [name, countingEngine(name, log)]))
    const { times, othersBusyShare } = await interleave(engines, { schedule })
    expect(log).toEqual(['a 2', 'b 2', 'a 3', 'b 3', 'b 3', 'a 3'])
    expect(times.get('b')).toEqual({
      stepMs: [
        [3, 4],
        [6, 7],
      ],
      losses: [0, 1, 2, 3, 4, 5, 6, 7],
      prepareMs: [],
      peakBytes: 80,
    })
    expect(othersBusyShare).toBeGreaterThanOrEqual(0)
    expect(othersBusyShare).toBeLessThanOrEqual(1)
    expect(measuredSteps(schedule)).toEqual([3, 4, 6, 7])
    expect(countSteps(schedule)).toBe(8)
  })
})

describe('medianOf', () => {
  test('takes the middle of an odd number of values and the mean of the middle two else', () => {
    expect(medianOf([9, 1, 4])).toBe(4)
    expect(medianOf([9, 1, 4, 6])).toBe(5)
  })
})
