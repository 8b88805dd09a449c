import { buildSequences } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { generateLog, LOG_END_MS } from './generate-log.ts'

const itemIds = Array.from({ length: 100 }, (_, i) => `i${i + 1}`)

describe('generateLog', () => {
  const log = generateLog(itemIds, { numUsers: 2000, seed: 1 })

  test('sorts events by user and time, all before the end', () => {
    const { numUsers } = buildSequences(log)
    expect(numUsers).toBe(2000)
    expect(Math.max(...log.timestampMs)).toBeLessThan(LOG_END_MS)
    expect(Math.min(...log.timestampMs)).toBeGreaterThanOrEqual(LOG_END_MS - 730 * 86_400_000)
  })

  test('gives half the users 20 events or fewer, and about 20 * e^0.5 on average', () => {
    const { offsets } = buildSequences(log)
    const lengths = Array.from(log.userIds, (_, u) => (offsets[u + 1] ?? 0) - (offsets[u] ?? 0))
    lengths.sort((a, b) => a - b)
    expect(Math.abs((lengths[1000] as number) - 20)).toBeLessThanOrEqual(2)
    const mean = log.userRows.length / 2000
    expect(Math.abs(mean / (20 * Math.sqrt(Math.E)) - 1)).toBeLessThan(0.1)
    expect(lengths[0]).toBeGreaterThanOrEqual(1)
  })

  test('buys the first item twice as often as the second', () => {
    const countOf = (row: number): number =>
      log.itemRows.filter((itemRow) => itemRow === row).length
    expect(countOf(1) / countOf(2)).toBeCloseTo(2, 0)
    expect(countOf(0)).toBe(0)
  })

  test('repeats itself with the same seed only', () => {
    const draw = (seed: number): unknown => generateLog(itemIds, { numUsers: 20, seed })
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })
})
