import { describe, expect, test } from 'vitest'
import { bootstrapMean } from './bootstrap-mean.ts'
import { summarizeSegments } from './segments.ts'

const labels = ['16+', '2-3', '16+', '2-3', '16+', 'no history', 'lapsed']
const values = Float32Array.of(1, 0.5, 0, 0.25, NaN, 0.75, NaN)

describe('summarizeSegments', () => {
  test('gives mean, counts and interval of each label, in order', () => {
    const segments = summarizeSegments(values, labels, { seed: 1 })
    expect(segments.map(({ label }) => label)).toEqual(['2-3', '16+', 'lapsed', 'no history'])
    expect(segments[0]).toEqual({
      label: '2-3',
      numCases: 2,
      numUsers: 2,
      ...bootstrapMean(Float32Array.of(0.5, 0.25), { seed: 1 }),
    })
    expect(segments[0]?.mean).toBe(0.375)
    // Of two values either may be drawn twice.
    expect(segments[1]).toMatchObject({ numCases: 2, mean: 0.5, low: 0, high: 1 })
  })

  test('has no interval below two users, and no mean without a value', () => {
    const [, , lapsed, none] = summarizeSegments(values, labels, { seed: 1 })
    expect(lapsed).toMatchObject({ numCases: 0, numUsers: 0, mean: NaN, low: NaN, high: NaN })
    expect(none).toMatchObject({ numCases: 1, numUsers: 1, mean: 0.75, low: NaN, high: NaN })
    const userRows = Int32Array.of(4, 1, 4, 2, 4, 3, 3)
    const [, oneUser] = summarizeSegments(values, labels, { seed: 1, userRows })
    expect(oneUser).toMatchObject({ numCases: 2, numUsers: 1, mean: 0.5, low: NaN, high: NaN })
  })

  test('passes resamples on, and refuses labels of other cases', () => {
    expect(() => summarizeSegments(values, labels, { seed: 1, resamples: 5 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => summarizeSegments(values, labels.slice(1), { seed: 1 })).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
    const userRows = Int32Array.of(1)
    expect(() => summarizeSegments(values, labels, { seed: 1, userRows })).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })
})
