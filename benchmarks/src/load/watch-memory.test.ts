import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { describeCourse, watchMemory } from './watch-memory.ts'

const sample = (anonymousBytes: number) => ({
  cpuSeconds: 0,
  residentBytes: anonymousBytes + 7,
  anonymousBytes,
})

describe('describeCourse', () => {
  test('gives the growth of the last half alone', () => {
    // A start that grows tenfold, then 100 to 104 in steps of 1: (104 - 100) / 102.
    const course = describeCourse([10, 40, 70, 90, 95, 100, 101, 102, 103, 104].map(sample))
    expect(course?.growthPercent).toBeCloseTo((100 * 4) / 102, 9)
    expect(course).toMatchObject({ firstBytes: 17, lastBytes: 111, peakBytes: 111 })
  })

  test('is 0 for memory that goes up and down', () => {
    expect(describeCourse([1, 1, 1, 1, 100, 110, 110, 100].map(sample))?.growthPercent).toBeCloseTo(
      0,
      9,
    )
  })

  test('needs a sample', () => {
    expect(describeCourse([])).toBeUndefined()
  })
})

describe('watchMemory', () => {
  test.runIf(existsSync('/proc/self/stat'))('samples until it is stopped', async () => {
    const watch = watchMemory(process.pid, { everyMs: 10 })
    await sleep(100)
    const course = await watch.stop()
    expect(course?.numSamples).toBeGreaterThan(4)
    expect(course?.peakBytes).toBeGreaterThan(10e6)
  })
})
