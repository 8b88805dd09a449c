import { DAY_MS } from '@perennial/core'
import { describe, expect, test } from 'vitest'
import { type HistoryRecord, NO_HISTORY_RECORD } from './history-record.ts'
import { insertEvents, toKeptEvents } from './insert-events.ts'

const limits = { maxEventsPerUser: 3, maxAgeDays: Infinity, maxShownPerUser: 2 }
const NOW_MS = 1_000 * DAY_MS

/** Inserts one event of one unit named by its item. */
function insert(
  record: HistoryRecord,
  events: readonly (readonly [itemId: string, timestampMs: number])[],
  maxAgeDays = Infinity,
) {
  const stored = events.map(([itemId, timestampMs]) => ({
    itemId,
    timestampMs,
    quantity: 1,
    eventId: itemId,
  }))
  const options = { limits: { ...limits, maxAgeDays }, nowMs: NOW_MS }
  return insertEvents(record, toKeptEvents(stored), options)
}

const itemsOf = (record: HistoryRecord) => record.events.map(({ itemId }) => itemId).join('')

describe('insertEvents', () => {
  test('takes no event of the time of one that the cap dropped, or earlier', () => {
    const full = insert(NO_HISTORY_RECORD, [
      ['a', 5],
      ['b', 5],
      ['c', 5],
      ['d', 5],
    ])
    expect(itemsOf(full.record)).toBe('bcd')
    expect(full.record.droppedThroughMs).toBe(5)
    const again = insert(full.record, [
      ['a', 5],
      ['e', 4],
      ['d', 5],
      ['f', 6],
    ])
    expect(again.results).toEqual(['too-old', 'too-old', 'duplicate', 'added'])
    expect(itemsOf(again.record)).toBe('cdf')
  })

  test('returns the same record if nothing changes', () => {
    const { record } = insert(NO_HISTORY_RECORD, [['a', 5]])
    expect(insert(record, [['a', 7]]).record).toBe(record)
    expect(insert(record, []).record).toBe(record)
  })

  test('takes the time as the version, and one more than the last if that is no less', () => {
    const first = insert(NO_HISTORY_RECORD, [['a', 5]]).record
    expect(first.version).toBe(NOW_MS)
    expect(insert(first, [['b', 5]]).record.version).toBe(NOW_MS + 1)
  })

  test('drops what the age limit lets go, and takes none of it', () => {
    const { record } = insert(NO_HISTORY_RECORD, [
      ['a', NOW_MS - 3 * DAY_MS],
      ['b', NOW_MS],
    ])
    const aged = insert(
      record,
      [
        ['c', NOW_MS - 3 * DAY_MS],
        ['d', NOW_MS - 2 * DAY_MS],
      ],
      2,
    )
    expect(aged.results).toEqual(['too-old', 'added'])
    expect(itemsOf(aged.record)).toBe('db')
  })
})
