import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readProcessUsage } from './read-process-usage.ts'

describe('readProcessUsage', () => {
  test.runIf(existsSync('/proc/self/stat'))('reads time and memory of this process', async () => {
    const before = await readProcessUsage(process.pid)
    const endMs = performance.now() + 150
    while (performance.now() < endMs);
    const kept = Buffer.alloc(50e6, 1)
    const after = await readProcessUsage(process.pid)
    if (before === undefined || after === undefined) throw new Error('internal: no usage')
    expect(after.cpuSeconds - before.cpuSeconds).toBeGreaterThan(0.08)
    expect(after.residentBytes - before.residentBytes).toBeGreaterThan(40e6)
    expect(after.anonymousBytes - before.anonymousBytes).toBeGreaterThan(40e6)
    expect(after.residentBytes).toBeGreaterThanOrEqual(after.anonymousBytes)
    expect(kept.length).toBe(50e6)
  })

  test('knows nothing of a process that is not there', async () => {
    expect(await readProcessUsage(2 ** 30)).toBeUndefined()
  })
})
