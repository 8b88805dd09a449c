import { DAY_MS } from '@perennial/core'
import { expect, test } from 'vitest'
import { trainingStart } from './training-range.ts'

function startOf(objective: 'next' | 'horizon', days: number[], maxLength: number) {
  const timestampMs = Float64Array.from(days, (day) => day * DAY_MS)
  return trainingStart(timestampMs, { objective, encoder: { maxLength } })
}

test('trainingStart takes the newest maxLength + 1 events for the next item', () => {
  expect(startOf('next', [0, 0, 1, 2, 2], 2)).toBe(5 - 3)
  expect(startOf('next', [0, 0, 1, 2, 2], 9)).toBe(0)
  expect(startOf('next', [0, 0], 2)).toBe(0)
})

test('trainingStart takes the last visit and the maxLength events before it for a horizon', () => {
  // The last visit begins at position 3.
  expect(startOf('horizon', [0, 0, 1, 2.1, 2.5], 2)).toBe(3 - 2)
  expect(startOf('horizon', [0, 0, 1, 2.1, 2.5], 9)).toBe(0)
})

test('trainingStart leaves out users who can be asked nothing', () => {
  expect(startOf('next', [4], 2)).toBeUndefined()
  expect(startOf('next', [], 2)).toBeUndefined()
  expect(startOf('horizon', [4, 4.2, 4.9], 2)).toBeUndefined()
  expect(startOf('horizon', [], 2)).toBeUndefined()
})
