import { expect, test } from 'vitest'
import { splitSessions } from './sessions.ts'

const timestampMs = Float64Array.of(0, 10, 20, 51, 52, 200)

test('cuts where a gap is longer than sessionGapMs', () => {
  expect(splitSessions(timestampMs, { sessionGapMs: 30 })).toEqual(Int32Array.of(0, 3, 5, 6))
  expect(splitSessions(timestampMs, { sessionGapMs: 31 })).toEqual(Int32Array.of(0, 5, 6))
})

test('has no session without events', () => {
  expect(splitSessions(new Float64Array(), { sessionGapMs: 30 })).toEqual(Int32Array.of(0))
})

test('refuses a negative gap', () => {
  expect(() => splitSessions(timestampMs, { sessionGapMs: -1 })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})
