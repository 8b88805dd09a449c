import { describe, expect, test } from 'vitest'
import type { EventTable } from './event-table.ts'
import { buildSequences, historyOf } from './sequences.ts'

const events: EventTable = {
  userIds: ['a', 'b', 'c'],
  itemIds: ['', 'x', 'y'],
  eventTypeNames: ['purchase', 'view'],
  currency: 'EUR',
  userRows: Int32Array.of(0, 0, 0, 2, 2),
  itemRows: Int32Array.of(1, 2, 1, 2, 2),
  timestampMs: Float64Array.of(5, 6, 6, 1, 9),
  quantities: Float32Array.of(1, 2, 3, 4, 5),
  prices: Float32Array.of(10, 20, Number.NaN, 40, 50),
  eventTypes: Uint8Array.of(0, 1, 0, 1, 0),
}

describe('buildSequences', () => {
  test('gives every user a range, also the one without events', () => {
    const sequences = buildSequences(events)
    expect(sequences.numUsers).toBe(3)
    expect(sequences.offsets).toEqual(Int32Array.of(0, 3, 3, 5))
    expect(sequences.itemRows).toEqual(Int32Array.of(1, 2, 1, 2, 2))
  })

  test('keeps all columns of the wanted event types', () => {
    expect(buildSequences(events, { eventTypes: ['purchase'] })).toEqual({
      numUsers: 3,
      offsets: Int32Array.of(0, 2, 2, 3),
      itemRows: Int32Array.of(1, 1, 2),
      timestampMs: Float64Array.of(5, 6, 9),
      quantities: Float32Array.of(1, 3, 5),
      prices: Float32Array.of(10, Number.NaN, 50),
    })
  })

  test('names an event type that the table does not have', () => {
    expect(() => buildSequences(events, { eventTypes: ['click'] })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('click'),
      }),
    )
  })

  test.each([
    { userRows: Int32Array.of(0, 0, 0, 2, 1), timestampMs: events.timestampMs },
    { userRows: events.userRows, timestampMs: Float64Array.of(5, 4, 6, 1, 9) },
  ])('refuses events that are not sorted', (columns) => {
    expect(() => buildSequences({ ...events, ...columns })).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENTS' }),
    )
  })
})

describe('historyOf', () => {
  test('is a view of the events before the end', () => {
    const sequences = buildSequences(events)
    const history = historyOf(sequences, 0, 2, 7)
    expect(history).toEqual({
      userRow: 0,
      itemRows: Int32Array.of(1, 2),
      timestampMs: Float64Array.of(5, 6),
      quantities: Float32Array.of(1, 2),
      asOfMs: 7,
    })
    expect(history.itemRows.buffer).toBe(sequences.itemRows.buffer)
  })
})
